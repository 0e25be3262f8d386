import { composeMail, consoleLink, type MailSender, messageIdOf, senderOf } from '../../../core/mail/mail-message.ts'
import { localTime, sayIn } from '../../../core/mail/mail-words.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../../core/ports/delivery.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { Offers } from '../../offers/offers.ts'
import { type AdmitPorts, admitInWindow } from '../../rate-limits/admit-in-window.ts'
import { type OpenSummaryPorts, openSummary } from './share-summary.ts'
import type { SummaryLink } from './summary-link.ts'

interface ApprovalFacts extends MailSender {
  readonly site: { readonly id: string; readonly name: string }
  readonly link: Pick<SummaryLink, 'id' | 'createdAt' | 'expiresAt'>
  readonly owner: { readonly email: string; readonly timeZone?: string | undefined }
  readonly contact: string
  readonly consoleUrl: string
}

/** The mail to an owner whose site somebody approves. A link causes at most one in 30 days. */
export const approvalMail = ({ site, link, owner, contact, consoleUrl, ...from }: ApprovalFacts): MailMessage => {
  const say = sayIn(from.language)
  return composeMail({
    id: messageIdOf('approval', link.id),
    from,
    to: owner.email,
    subject: say`Somebody approved your site ${site.name}`,
    paragraphs: [
      say`Somebody who has your link to the page about ${site.name} pressed “Approve”. They agree that you continue with the site.`,
      say`This bought nothing. To continue, choose a plan.`,
    ],
    facts: [
      [say`Link created`, localTime(link.createdAt, owner.timeZone, from.language)],
      [say`Link works until`, localTime(link.expiresAt, owner.timeZone, from.language)],
    ],
    link: { text: say`See plans and prices`, url: consoleLink(consoleUrl, site.id, 'plans') },
    footer: say`You get this because you shared a page about your site at ${from.brand}. Questions? Write to ${contact}.`,
  })
}

export interface ApproveSummaryPorts
  extends OpenSummaryPorts,
    AdmitPorts,
    Pick<Context, 'brand' | 'contact' | 'consoleUrl'> {
  readonly accounts: Pick<AccountStore, 'getOwner'>
  readonly mailer: Mailer
  readonly offers: Offers
}

const approvalsPerDay = 5

/**
 * Mails the owner that somebody who has a link approves the site. Mailers remember a mail for at least 30 days, so the owner gets at
 * most one in that time for each link. Its text is ours, so that nobody can write to the owner by it.
 * @throws {SitewrightError} `NotFound`, `RateLimited`.
 */
export const approveSummary = async (ports: ApproveSummaryPorts, token: string): Promise<void> => {
  const { site, link } = await openSummary(ports, token)
  await admitInWindow(ports, {
    key: `approvals-${link.id}`,
    limit: approvalsPerDay,
    milliseconds: 86_400_000,
    message: (wait) => `This link has been approved ${approvalsPerDay} times within a day. Try again in ${wait}.`,
  })
  const owner = await ports.accounts.getOwner(site.ownership.accountId)
  if (owner === undefined) return
  const { name, offer } = site.ownership
  const brand = senderOf(ports.offers.find(offer), owner)
  await ports.mailer.send(approvalMail({ ...ports, ...brand, site: { id: site.id, name }, link, owner }))
}
