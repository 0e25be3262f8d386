import type { DomainEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import type { Mailer } from '../../core/ports/delivery.ts'
import type { AccountStore, SiteStore } from '../../core/ports/stores.ts'
import { siteMail } from '../../core/site/site-mail.ts'
import type { TrialPolicies } from '../../core/site/trial-policies.ts'

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

/** Events hold no personal data, so name and address are read here. Who is gone meanwhile gets no mail. */
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
