import type { CustomDomainEvent, DomainEvent } from '../../core/events/event.ts'
import { isCustomDomainEvent } from '../../core/events/event-names.ts'
import { composeMail, consoleLink, type MailSender, senderOf } from '../../core/mail/mail-message.ts'
import { localTime, type Say, sayIn } from '../../core/mail/mail-words.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../core/ports/delivery.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { ownershipOf } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { Offers } from '../offers/offers.ts'
import { type CustomDomain, ownershipName } from './custom-domain.ts'
import type { DomainStore } from './ports.ts'

interface DomainMailFacts extends MailSender {
  readonly event: CustomDomainEvent
  readonly domain: CustomDomain
  readonly siteName: string
  readonly to: string
  readonly timeZone?: string | undefined
  readonly contact: string
  readonly consoleUrl: string
}

interface Said {
  readonly subject: string
  readonly paragraphs: readonly string[]
}

const verified = ({ domain: { hostname, state }, siteName }: DomainMailFacts, say: Say): Said | undefined =>
  state !== 'verified'
    ? undefined
    : {
        subject: say`${hostname} is connected to your site`,
        paragraphs: [
          say`The DNS records of ${hostname} are correct. It shows your site ${siteName} once its certificate is issued, usually within minutes.`,
          say`Keep both records: we check them regularly.`,
        ],
      }

const releasing = ({ domain, siteName, timeZone, language }: DomainMailFacts, say: Say): Said | undefined => {
  if (domain.state !== 'releasing') return undefined
  const { hostname, because, releaseAt } = domain
  const subject = say`${hostname} will stop working`
  const end = say`It will stop showing your site ${siteName} on ${localTime(releaseAt, timeZone, language)}.`
  return because === 'plan-changed'
    ? {
        subject,
        paragraphs: [
          say`Your plan no longer includes the custom domain ${hostname}. ${end}`,
          say`To keep it, choose a plan with custom domains.`,
        ],
      }
    : {
        subject,
        paragraphs: [
          say`The DNS records of ${hostname} are missing or wrong. ${end}`,
          say`To keep it, restore the TXT record ${ownershipName(hostname)} and the record of ${hostname}. The console shows both.`,
        ],
      }
}

const reasons: Readonly<Record<string, (say: Say) => string>> = {
  'plan-changed': (say) => say`Your plan does not include custom domains.`,
  'records-gone': (say) => say`Its DNS records have been missing for more than a week.`,
  moved: (say) =>
    say`Its DNS records now name another account, which uses it. If you did not do this, check who can change your DNS.`,
}

const released = ({ event, siteName, domain: { hostname } }: DomainMailFacts, say: Say): Said | undefined => {
  const reason = reasons[event.data.because ?? '']?.(say)
  // A pending domain was never served; the owner knows of a removal.
  if (reason === undefined || event.data.previousState === 'pending') return undefined
  return {
    subject: say`${hostname} has stopped working`,
    paragraphs: [say`${hostname} no longer shows your site ${siteName}. ${reason}`],
  }
}

const said = (facts: DomainMailFacts, say: Say): Said | undefined => {
  switch (facts.event.type) {
    case 'CustomDomainVerified':
      // The owner got no mail about the failure, and got one before the domain was served.
      return ['failing', 'verified'].includes(facts.event.data.previousState ?? '') ? undefined : verified(facts, say)
    case 'CustomDomainReleasing':
      return releasing(facts, say)
    case 'CustomDomainReleased':
      return released(facts, say)
    default:
      return undefined
  }
}

export const domainMail = (facts: DomainMailFacts): MailMessage | undefined => {
  const say = sayIn(facts.language)
  const content = said(facts, say)
  if (content === undefined) return undefined
  const { event, to, brand, contact, consoleUrl } = facts
  return composeMail({
    ...content,
    id: event.id.replace(/^evt_/, 'msg_'),
    to,
    from: facts,
    link: { text: say`See your domains`, url: consoleLink(consoleUrl, event.data.siteId, 'domains') },
    footer: say`You get this because you have a site at ${brand}. Questions? Write to ${contact}.`,
  })
}

export interface MailDomainPorts extends Pick<Context, 'brand' | 'contact' | 'consoleUrl'> {
  readonly sites: Pick<SiteStore, 'get'>
  readonly domains: Pick<DomainStore, 'find'>
  readonly accounts: AccountStore
  readonly mailer: Mailer
  readonly offers: Offers
}

/** Events contain no personal data, so names and address are read here. A deleted account gets no mail. */
export const mailDomain = async (ports: MailDomainPorts, event: DomainEvent): Promise<void> => {
  if (!isCustomDomainEvent(event)) return
  const { siteId, accountId } = event.data
  const [site, owner, domain] = await Promise.all([
    ports.sites.get(siteId),
    ports.accounts.getOwner(accountId),
    ports.domains.find({ siteId, id: event.aggregate.id }),
  ])
  const ownership = site && ownershipOf(site)
  if (ownership === undefined || owner === undefined || domain === undefined) return
  const brand = senderOf(ports.offers.find(ownership.offer), owner)
  const facts = { event, domain, siteName: ownership.name, to: owner.email, timeZone: owner.timeZone }
  const message = domainMail({ ...ports, ...brand, ...facts })
  if (message !== undefined) await ports.mailer.send({ ...message, siteId })
}
