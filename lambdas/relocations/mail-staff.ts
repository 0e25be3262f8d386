import type { DomainEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import { composeMail, messageIdOf } from '../../core/mail/mail-message.ts'
import { type MailSalesPorts, salesMailFor } from '../leads/mail-sales.ts'
import type { TargetProblem } from './begin-relocation.ts'

export const missedReasons: Readonly<Record<string, string>> = {
  'window-passed':
    'The window passed before it could begin: another operation, other relocations, the brake or an outage was in the way.',
  'rehearsed-before': 'The site has another version since the rehearsal. Rehearse it again.',
  'plan-unknown': 'Its plan is no longer in the configuration.',
  'plan-not-of-blueprint': 'Its blueprint is not for its plan.',
  'blueprint-unknown': 'Its version of the blueprint is not published.',
  'configuration-unknown': 'Its version of the configuration is gone.',
  'configuration-incomplete': 'Its configuration lacks a value that its blueprint requires.',
  'cell-unknown': 'Its cell is no longer in the configuration.',
  'cell-full': 'Its cell has no room.',
  'nothing-changes': 'The site has all of that already.',
} satisfies Readonly<Record<TargetProblem['because'] | 'window-passed' | 'rehearsed-before', string>>

const said = (event: DomainEvent): { readonly subject: string; readonly text: string } | undefined => {
  switch (event.type) {
    case 'RelocationAccepted':
      return { subject: 'The owner has accepted a relocation', text: 'It begins by itself within its window.' }
    case 'RelocationMissed': {
      const { because } = event.data
      const text =
        missedReasons[because] ??
        `The switch failed (${because}), and the site went back. The failures of the site have the cause.`
      return { subject: 'A relocation did not happen', text: `${text} Nothing has changed. Plan another window.` }
    }
    case 'SiteUpgraded':
    case 'SitePlanChanged':
    case 'SiteArchived':
      if (event.data.isLost) {
        return {
          subject: 'The loss of a cell has ended a relocation',
          text: 'The data of the side that the site was on is lost. The site has the data, plan and version of the other side now, and nobody can switch it any more. Check its plan and contract, and tell its owner.',
        }
      }
      if (event.data.relocation !== 'switched') return undefined
      return {
        subject: 'A site was relocated',
        text: 'Confirm it, or it is confirmed by itself at the end of its time.',
      }
    default:
      return undefined
  }
}

/** Mails what happened to a relocation to the assignee of the lead, or to sales. */
export const mailRelocation = async (ports: MailSalesPorts, event: DomainEvent): Promise<void> => {
  const mail = said(event)
  if (mail === undefined || !isSiteEvent(event) || event.data.accountId === undefined) return
  const { to, name } = await salesMailFor(ports, event.data.accountId)
  await ports.mailer.send(
    composeMail({
      id: messageIdOf('relocation', event.id),
      from: ports,
      to,
      subject: `${mail.subject}: ${name}`,
      paragraphs: [mail.text],
      link: { text: 'Open the site', url: `${ports.consoleUrl}/operator/#/sites/${event.aggregate.id}` },
      footer: `You get this because you work in sales for ${ports.brand}.`,
    }),
  )
}
