import type { DomainEvent } from '../../core/events/event.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Payments, RefusedByStripe } from '../../core/ports/payments.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { isKept } from '../../core/site/site.ts'
import { type RedactCustomersPorts, redactCustomers } from '../accounts/erase-people.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import { type ConvergePorts, convergeSite } from './converge-site.ts'
import type { Checkouts } from './ports.ts'

interface ExpireCheckoutsPorts {
  readonly sites: Pick<SiteStore, 'get' | 'listByAccount'>
  readonly checkouts: Pick<Checkouts, 'find'>
  readonly payments: Pick<Payments, 'expireCheckout'>
}

const sitesIn = async ({ sites }: ExpireCheckoutsPorts, event: DomainEvent): Promise<readonly SiteId[]> => {
  if (event.type === 'AccountClosed') return (await sitesOf(sites, event.aggregate.id)).map(({ id }) => id)
  if (event.type === 'SitePurged') return [event.aggregate.id]
  if (event.type === 'SiteSuspended') return event.data.because === 'moved' ? [event.aggregate.id] : []
  if (event.type !== 'RelocationConfirmed') return []
  const site = await sites.get(event.aggregate.id)
  return isKept(site) && site.contract !== undefined ? [site.id] : []
}

/**
 * Expires the checkouts of a site that is purged, has moved or that a contract covers now, and of a closed account, so that nobody pays in one. Convergence returns what is paid at this moment.
 * @throws {SitewrightError} `Unavailable`: the event is delivered again.
 */
const expireCheckouts = async (ports: ExpireCheckoutsPorts, event: DomainEvent): Promise<void> => {
  for (const id of await sitesIn(ports, event)) {
    const { sessionId } = (await ports.checkouts.find(id)) ?? {}
    if (sessionId !== undefined) await ports.payments.expireCheckout(sessionId)
  }
}

/**
 * Brings every affected site into line with Stripe. The event itself is not trusted: it may be late, repeated or out of
 * order. Subscriptions of other applications are ignored.
 */
const convergeCustomer = async (
  ports: ConvergePorts,
  { customerId, siteId }: { readonly customerId: string; readonly siteId: SiteId | undefined },
  causationId: string,
): Promise<void> => {
  const { payments, log } = ports
  const named = siteId === undefined ? await payments.subscriptionsOf(customerId) : [{ siteId }]
  const siteIds = new Set(named.flatMap((subscription) => subscription.siteId ?? []))
  if (siteIds.size === 0) log.info({ event: 'payment-not-ours', customerId }, 'a payment has no site')
  for (const id of siteIds) {
    try {
      const outcome = await convergeSite(ports, id, { causationId, knownCustomers: [customerId] })
      if (outcome === 'unknown') log.warn({ siteId: id }, 'a subscription names an unknown site')
    } catch (error) {
      listedForPerson(ports, causationId, error)
    }
  }
}

const listedForPerson = ({ log }: Pick<ConvergePorts, 'log'>, causationId: string, error: unknown): void => {
  if (!(error instanceof RefusedByStripe)) throw error
  const { act, code, requestId } = error
  log.warn({ causationId, act, code, requestId }, 'Stripe refuses a request: the next reconciliation lists its site')
}

/**
 * Updates billing after an event of Stripe, or of a site that was deleted, kept, purged, is being restored or has finished an operation,
 * and redacts customers of erased accounts. Repeating what Stripe refuses changes nothing, so the reconciliation lists it for a person.
 * @throws {SitewrightError} `Unavailable`: the event is delivered again.
 */
export const handleBillingEvent = async (
  ports: ConvergePorts & RedactCustomersPorts & ExpireCheckoutsPorts,
  event: DomainEvent,
): Promise<void> => {
  if (event.type === 'AccountErased') return redactCustomers(ports)
  try {
    await updateBilling(ports, event)
  } catch (error) {
    listedForPerson(ports, event.id, error)
  }
  await expireCheckouts(ports, event)
}

const updateBilling = async (ports: ConvergePorts, event: DomainEvent): Promise<void> => {
  const causationId = event.id
  // A restore may follow a revoked deletion, which ended the renewal.
  if (event.type === 'SiteOperationBegun' && event.data.operation !== 'restore') return
  if (event.aggregate.type === 'site') {
    await convergeSite(ports, event.aggregate.id, { causationId })
    return
  }
  if (event.type !== 'PaymentNoticed') return
  const { siteId, subscriptionId, disputeId } = event.data
  const { payments, log } = ports
  const customerId =
    event.data.customerId ??
    (subscriptionId === undefined ? undefined : (await payments.getSubscription(subscriptionId))?.customerId) ??
    (disputeId === undefined ? undefined : await payments.customerOfDispute(disputeId))
  if (customerId !== undefined) await convergeCustomer(ports, { customerId, siteId }, causationId)
  else if (siteId !== undefined) await convergeSite(ports, siteId, { causationId })
  else {
    log.info(
      { event: 'payment-not-ours', stripeEvent: event.aggregate.id, type: event.data.type },
      'a payment has no site',
    )
  }
}
