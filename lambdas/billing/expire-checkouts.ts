import type { DomainEvent } from '../../core/events/event.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Payments } from '../../core/ports/payments.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import type { Checkouts } from './ports.ts'

export interface ExpireCheckoutsPorts {
  readonly sites: Pick<SiteStore, 'listByAccount'>
  readonly checkouts: Pick<Checkouts, 'find'>
  readonly payments: Pick<Payments, 'expireCheckout'>
}

const sitesIn = async ({ sites }: ExpireCheckoutsPorts, event: DomainEvent): Promise<readonly SiteId[]> => {
  if (event.type === 'AccountClosed') return (await sitesOf(sites, event.aggregate.id)).map(({ id }) => id)
  return event.type === 'SitePurged' ? [event.aggregate.id] : []
}

/**
 * Expires the checkouts of a purged site or of a closed account, so that nobody pays in one. Convergence returns what is paid at this moment.
 * @throws {SitewrightError} `Unavailable`: the event is delivered again.
 */
export const expireCheckouts = async (ports: ExpireCheckoutsPorts, event: DomainEvent): Promise<void> => {
  for (const id of await sitesIn(ports, event)) {
    const { sessionId } = (await ports.checkouts.find(id)) ?? {}
    if (sessionId !== undefined) await ports.payments.expireCheckout(sessionId)
  }
}
