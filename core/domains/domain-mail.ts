import type { CustomDomainEvent } from '../events/event.ts'
import { composeMail, localTime } from '../mail/mail-message.ts'
import type { MailMessage } from '../ports/delivery.ts'
import type { CustomDomain } from './custom-domain.ts'
import { ownershipName } from './domain-records.ts'

interface DomainMailFacts {
  readonly event: CustomDomainEvent
  readonly domain: CustomDomain
  readonly siteHostname: string
  readonly to: string
  readonly timeZone?: string | undefined
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
}

interface Said {
  readonly subject: string
  readonly paragraphs: readonly string[]
}

const verified = ({ domain: { hostname }, siteHostname }: DomainMailFacts): Said => ({
  subject: `${hostname} leads to your site`,
  paragraphs: [
    `The records of ${hostname} are right: it leads to your site ${siteHostname} from now on.`,
    'Leave both records in place: they are looked at again and again.',
  ],
})

const releasing = ({ domain, timeZone }: DomainMailFacts): Said | undefined => {
  if (domain.state !== 'releasing') return undefined
  const { hostname, because, releaseAt } = domain
  const subject = `${hostname} will no longer lead to your site`
  const end = `On ${localTime(releaseAt, timeZone)} it stops leading to your site.`
  return because === 'plan-changed'
    ? {
        subject,
        paragraphs: [`Your plan no longer has custom domains. ${end}`, 'Choose a plan that has them to keep it.'],
      }
    : {
        subject,
        paragraphs: [
          `The DNS records of ${hostname} are gone or no longer right. ${end}`,
          `Set the TXT record ${ownershipName(hostname)} and the record of ${hostname} again to keep it; the console shows them.`,
        ],
      }
}

const reasons: Readonly<Record<string, string>> = {
  'plan-changed': 'Your plan has no custom domains.',
  'records-gone': 'Its DNS records have been gone for more than a week.',
  moved:
    'Its DNS records now name another account, which has taken it over. If that was not you, look at who may change them.',
}

const released = ({ event, domain: { hostname } }: DomainMailFacts): Said | undefined => {
  const reason = reasons[event.data.because ?? '']
  // A pending domain was never served; the owner knows of a removal.
  if (reason === undefined || event.data.previousState === 'pending') return undefined
  return {
    subject: `${hostname} no longer leads to your site`,
    paragraphs: [`${hostname} no longer leads to your site. ${reason}`],
  }
}

const said = (facts: DomainMailFacts): Said | undefined => {
  switch (facts.event.type) {
    case 'CustomDomainVerified':
      // Nobody was told of the failure.
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
    link: { text: 'See your site', url: consoleUrl },
    footer: `You get this because you own a ${brand} site. Questions? Write to ${contact}.`,
  })
}
