import { billingMail } from '../billing/billing-mail.ts'
import type { DomainEvent, SiteEvent } from '../events/event.ts'
import { isSiteEvent } from '../events/event-names.ts'
import { composeMail, localTime } from '../mail/mail-message.ts'
import type { Mailer, MailMessage } from '../ports/delivery.ts'
import type { AccountStore, SiteStore } from '../ports/stores.ts'
import { deadlineMail } from './end/notices.ts'
import type { Site } from './site.ts'
import { ownershipOf } from './site.ts'
import type { TrialPolicies } from './trial-policies.ts'

export interface MailOwnerPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: AccountStore
  readonly mailer: Mailer
  readonly policies: TrialPolicies
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
  readonly siteUrl: (hostname: string) => string
}

/** Events contain no personal data, so name and address are read here. A deleted account gets no mail. */
export const mailOwner = async (ports: MailOwnerPorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event) || event.data.accountId === undefined) return
  const [site, owner] = await Promise.all([
    ports.sites.get(event.aggregate.id),
    ports.accounts.getOwner(event.data.accountId),
  ])
  if (site === undefined || owner === undefined) return
  const message = siteMail({ ...ports, event, site, to: owner.email, timeZone: owner.timeZone })
  if (message !== undefined) await ports.mailer.send(message)
}

export interface SiteMailFacts {
  readonly event: SiteEvent
  readonly site: Site
  readonly to: string
  readonly timeZone?: string | undefined
  readonly policies: TrialPolicies
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
  readonly siteUrl: (hostname: string) => string
}

/** The mail about an event of an owner's site; undefined if there is nothing to say. Repeated events have one message. */
export const siteMail = (facts: SiteMailFacts): MailMessage | undefined => {
  const { event, site, to, brand, contact, consoleUrl, siteUrl } = facts
  const ownership = ownershipOf(site)
  if (ownership === undefined) return undefined
  const footer = `You get this because you own a ${brand} site. Questions? Write to ${contact}.`
  const message = { id: event.id.replace(/^evt_/, 'msg_'), to, footer }
  const { name, hostname } = ownership
  switch (event.type) {
    case 'SiteClaimed':
      return composeMail({
        ...message,
        subject: `Your site ${name} is ready`,
        paragraphs: [`Welcome to ${brand}. Your site ${name} is running.`],
        link: { text: 'Open your site', url: siteUrl(hostname) },
      })
    case 'SiteRequested':
      return composeMail({
        ...message,
        subject: `We are building your site ${name}`,
        paragraphs: [`Welcome to ${brand}. We are building your site ${name}. Open the link to follow the progress.`],
        link: { text: 'Open your site', url: siteUrl(hostname) },
      })
    case 'SiteFailed':
      return site.status !== 'failed'
        ? undefined
        : composeMail({
            ...message,
            subject: `Your site ${name} could not be built`,
            paragraphs: [
              `We are sorry: your site ${name} could not be built. ${site.failure.reason}`,
              'Your trial is still available, so you can try again at any time.',
            ],
            link: { text: 'Try again', url: consoleUrl },
          })
    default: {
      const { policies, timeZone } = facts
      const at = (instant: string): string => localTime(instant, timeZone)
      const money = billingMail(name, { event, site, policies, at })
      if (money !== undefined) {
        const { linkText, ...told } = money
        return composeMail({ ...message, ...told, link: { text: linkText, url: consoleUrl } })
      }
      const content = deadlineMail(name, { event, site, policies, at })
      if (content === undefined) return undefined
      const { action, ...said } = content
      const url = action.to === 'console' ? consoleUrl : siteUrl(hostname)
      return composeMail({ ...message, ...said, link: { text: action.text, url } })
    }
  }
}
