import { composeMail, consoleLink, localTime, messageIdOf } from '../../../core/mail/mail-message.ts'
import type { Mailer } from '../../../core/ports/delivery.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { Offers } from '../../offers/offers.ts'
import { type AdmitPorts, admitInWindow } from '../../rate-limits/admit-in-window.ts'
import { type OpenSummaryPorts, openSummary } from './share-summary.ts'

export interface ApproveSummaryPorts extends OpenSummaryPorts, AdmitPorts {
  readonly accounts: Pick<AccountStore, 'getOwner'>
  readonly mailer: Mailer
  readonly offers: Offers
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
}

const approvalsPerDay = 5

/**
 * Mails the owner that somebody who has a link approves of the site. A link has one mail, which mailers remember for 30 days
 * at least: its text is ours, so that nobody can write to the owner by it.
 * @throws {SitewrightError} `NotFound`, `RateLimited`.
 */
export const approveSummary = async (ports: ApproveSummaryPorts, token: string): Promise<void> => {
  const { site, link } = await openSummary(ports, token)
  await admitInWindow(ports, {
    key: `approvals-${link.id}`,
    limit: approvalsPerDay,
    milliseconds: 86_400_000,
    message: (wait) => `The owner knows. You can approve again in ${wait}.`,
  })
  const owner = await ports.accounts.getOwner(site.ownership.accountId)
  if (owner === undefined) return
  const { name, offer } = site.ownership
  const from = { ...ports, ...ports.offers.find(offer).brand }
  await ports.mailer.send(
    composeMail({
      id: messageIdOf('approval', link.id),
      from,
      to: owner.email,
      subject: `Your site ${name} was approved`,
      paragraphs: [
        `Somebody who has your link to the page about ${name} pressed Approve: they agree that you go on with it.`,
        'Nothing has been bought by that.',
      ],
      facts: [
        ['Link made', localTime(link.createdAt, owner.timeZone)],
        ['Link works until', localTime(link.expiresAt, owner.timeZone)],
      ],
      link: { text: 'See plans and prices', url: consoleLink(from.consoleUrl, site.id, 'plans') },
      footer: `You get this because you shared a page about your ${from.brand} site. Questions? Write to ${from.contact}.`,
    }),
  )
}
