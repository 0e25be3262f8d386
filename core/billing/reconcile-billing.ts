import type { SiteId } from '../ids.ts'
import type { Payments } from '../ports/payments.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { KeptSite } from '../site/site.ts'
import type { ConvergePorts } from './converge-ports.ts'
import { convergeSite } from './converge-site.ts'

export interface ReconcileBillingPorts extends ConvergePorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'listByStatus'>
  readonly payments: ConvergePorts['payments'] & Pick<Payments, 'listSubscriptions'>
}

export interface BillingDrift {
  /** Subscriptions that Stripe has of ours, those that have ended included. */
  readonly subscriptions: number
  /** Sites whose record or subscription was not as it should be, and is now. */
  readonly repaired: readonly SiteId[]
  /** Subscriptions of sites that are not there. */
  readonly withoutSite: readonly string[]
  /** Sites whose subscription Stripe did not list. */
  readonly withoutSubscription: readonly SiteId[]
  /** Sites of a paid plan that nobody pays for, by arrangement with an operator. */
  readonly byArrangement: readonly SiteId[]
  /** Sites that could not be reconciled; what kept them from it is in the log. */
  readonly left: readonly SiteId[]
}

/** Who pays for which site: a customer for each in all but odd cases. */
const payersOf = async (payments: Pick<Payments, 'listSubscriptions'>) => {
  const customers = new Map<SiteId, Set<string>>()
  const subscriptions = new Map<string, SiteId>()
  for await (const { id, siteId, customerId } of payments.listSubscriptions()) {
    if (siteId === undefined) continue
    subscriptions.set(id, siteId)
    customers.set(siteId, (customers.get(siteId) ?? new Set()).add(customerId))
  }
  return { customers, subscriptions }
}

/** Read from an index that may be a moment behind: a list for people, on which nothing is done. */
async function* keptSites({ listByStatus }: Pick<SiteStore, 'listByStatus'>): AsyncGenerator<KeptSite> {
  yield* listByStatus('active')
  yield* listByStatus('suspended')
  yield* listByStatus('archived')
}

const findUnpaid = async (
  { sites, plans }: Pick<ReconcileBillingPorts, 'sites' | 'plans'>,
  known: ReadonlyMap<string, SiteId>,
) => {
  const sold = new Set(plans.plans.filter(({ kind }) => kind === 'paid').map(({ id }) => id))
  const withoutSubscription: SiteId[] = []
  const byArrangement: SiteId[] = []
  for await (const { id, plan, billing } of keptSites(sites)) {
    if (billing === undefined) {
      if (sold.has(plan)) byArrangement.push(id)
    } else if (!known.has(billing.subscriptionId)) withoutSubscription.push(id)
  }
  return { withoutSubscription, byArrangement }
}

/**
 * Holds all of Stripe's subscriptions of ours against our records, and repairs what differs by the same convergence that
 * events start. What cannot be repaired now does not keep the others. What nobody can repair is listed.
 * @throws {SitewrightError} `Unavailable` where Stripe cannot be asked at all.
 */
export const reconcileBilling = async (ports: ReconcileBillingPorts, causationId: string): Promise<BillingDrift> => {
  const { payments, log } = ports
  const { customers, subscriptions } = await payersOf(payments)
  const repaired: SiteId[] = []
  const missing = new Set<SiteId>()
  const left: SiteId[] = []
  for (const [siteId, payers] of customers) {
    try {
      const outcome = await convergeSite(ports, siteId, { causationId, knownCustomers: [...payers] })
      if (outcome === 'changed') repaired.push(siteId)
      if (outcome === 'unknown') missing.add(siteId)
    } catch (error) {
      log.warn({ siteId, err: error }, 'the billing of a site could not be reconciled')
      left.push(siteId)
    }
  }
  const withoutSite = [...subscriptions].flatMap(([id, siteId]) => (missing.has(siteId) ? [id] : []))
  const drift = { repaired, withoutSite, ...(await findUnpaid(ports, subscriptions)), left }
  for (const siteId of repaired) log.error({ siteId }, 'billing had drifted, and was put right')
  for (const subscriptionId of withoutSite) log.error({ subscriptionId }, 'a subscription has no site')
  for (const siteId of drift.withoutSubscription) log.error({ siteId }, 'a paid site has no subscription')
  const found = Object.fromEntries(Object.entries(drift).map(([name, all]) => [name, all.length]))
  log.info({ subscriptions: subscriptions.size, ...found }, 'billing was reconciled')
  return { subscriptions: subscriptions.size, ...drift }
}
