import type { CustomDomainEvent, DomainEvent } from '../../core/events/event.ts'
import { isCustomDomainEvent } from '../../core/events/event-names.ts'
import { composeMail, consoleLink, localTime } from '../../core/mail/mail-message.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../core/ports/delivery.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { ownershipOf } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { Offers } from '../offers/offers.ts'
import { type CustomDomain, ownershipName } from './custom-domain.ts'
import type { DomainStore } from './domain-verdict.ts'

interface DomainMailFacts {
  readonly event: CustomDomainEvent
  readonly domain: CustomDomain
  readonly siteHostname: string
  readonly to: string
  readonly timeZone?: string | undefined
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
  readonly sender?: string | undefined
}

interface Said {
  readonly subject: string
  readonly paragraphs: readonly string[]
}

const verified = ({ domain: { hostname }, siteHostname }: DomainMailFacts): Said => ({
  subject: `${hostname} is connected to your site`,
  paragraphs: [
    `The DNS records of ${hostname} are correct. It now shows your site ${siteHostname}.`,
    'Keep both records: we check them regularly.',
  ],
})

const releasing = ({ domain, timeZone }: DomainMailFacts): Said | undefined => {
  if (domain.state !== 'releasing') return undefined
  const { hostname, because, releaseAt } = domain
  const subject = `${hostname} will stop working`
  const end = `It will stop working on ${localTime(releaseAt, timeZone)}.`
  return because === 'plan-changed'
    ? {
        subject,
        paragraphs: [
          `Your plan no longer includes the custom domain ${hostname}. ${end}`,
          'To keep it, choose a plan with custom domains.',
        ],
      }
    : {
        subject,
        paragraphs: [
          `The DNS records of ${hostname} are missing or wrong. ${end}`,
          `To keep it, restore the TXT record ${ownershipName(hostname)} and the record of ${hostname}. The console shows both.`,
        ],
      }
}

const reasons: Readonly<Record<string, string>> = {
  'plan-changed': 'Your plan does not include custom domains.',
  'records-gone': 'Its DNS records have been missing for more than a week.',
  moved:
    'Its DNS records now name another account, which uses it. If you did not do this, check who can change your DNS.',
}

const released = ({ event, domain: { hostname } }: DomainMailFacts): Said | undefined => {
  const reason = reasons[event.data.because ?? '']
  // A pending domain was never served; the owner knows of a removal.
  if (reason === undefined || event.data.previousState === 'pending') return undefined
  return {
    subject: `${hostname} has stopped working`,
    paragraphs: [`${hostname} no longer shows your site. ${reason}`],
  }
}

const said = (facts: DomainMailFacts): Said | undefined => {
  switch (facts.event.type) {
    case 'CustomDomainVerified':
      // The owner got no mail about the failure.
      return facts.event.data.previousState === 'failing' ? undefined : verified(facts)
    case 'CustomDomainReleasing':
      return releasing(facts)
    case 'CustomDomainReleased':
      return released(facts)
    default:
      return undefined
  }
}

/** The mail about an event of a domain; undefined if there is nothing to say. */
export const domainMail = (facts: DomainMailFacts): MailMessage | undefined => {
  const content = said(facts)
  if (content === undefined) return undefined
  const { event, to, brand, contact, consoleUrl } = facts
  return composeMail({
    ...content,
    id: event.id.replace(/^evt_/, 'msg_'),
    to,
    from: facts,
    link: { text: 'See your domains', url: consoleLink(consoleUrl, event.data.siteId, 'domains') },
    footer: `You get this because you have a site at ${brand}. Questions? Write to ${contact}.`,
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
  const { brand } = ports.offers.find(ownership.offer)
  const facts = { event, domain, siteHostname: ownership.hostname, to: owner.email, timeZone: owner.timeZone }
  const message = domainMail({ ...ports, ...brand, ...facts })
  if (message !== undefined) await ports.mailer.send(message)
}
