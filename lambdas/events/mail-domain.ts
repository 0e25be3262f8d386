import { domainMail } from '../../core/domains/domain-mail.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { isCustomDomainEvent } from '../../core/events/event-names.ts'
import type { Offers } from '../../core/offer/offers.ts'
import type { Mailer } from '../../core/ports/delivery.ts'
import type { DomainStore } from '../../core/ports/domains.ts'
import type { AccountStore, SiteStore } from '../../core/ports/stores.ts'
import { ownershipOf } from '../../core/site/site.ts'

export interface MailDomainPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly domains: Pick<DomainStore, 'find'>
  readonly accounts: AccountStore
  readonly mailer: Mailer
  readonly offers: Offers
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
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
