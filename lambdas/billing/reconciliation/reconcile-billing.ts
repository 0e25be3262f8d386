import { eachAtOnce } from '../../../core/each-at-once.ts'
import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Log } from '../../../core/ports/context.ts'
import {
  type Payments,
  RefusedByStripe,
  type RefusedSubscription,
  type Subscription,
  WithoutPayments,
} from '../../../core/ports/payments.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { isBeside } from '../../../core/site/environment.ts'
import type { KeptSite, Site } from '../../../core/site/site.ts'
import { isCancellable, isCollected, isSoldBy } from '../../../core/site/site-billing.ts'
import { type Convergence, type ConvergePorts, convergeSite } from '../converge-site.ts'
import { nextBillingStep } from '../next-billing-step.ts'
import { reportBilling } from '../report-billing.ts'
import { createRevenue } from '../revenue.ts'
import { type BilledSite, isBilled, isRefundDue, refundsToFollow } from '../unwanted-subscriptions.ts'
import type { BillingReport, findingsSchema } from './billing-report.ts'

interface ReconciledSite {
  readonly outcome: Convergence
  readonly isDisputed: boolean
  /** A person has to refund a payment. */
  readonly isUnreturned: boolean
}

const isInLine = (
  { plans, policies, clocks, randomness }: ConvergePorts,
  site: BilledSite,
  listed: readonly Subscription[],
  causationId: string,
): boolean => {
  const context = { actor: system, causationId, clocks, randomness }
  const policy = policies.of(site)
  const terms = { policy, context, isSold: isSoldBy(plans) }
  // A recorded subscription that was not listed may belong to another customer by now.
  const isListed = site.billing === undefined || listed.some(({ id }) => id === site.billing?.subscriptionId)
  return isListed && refundsToFollow(site).length === 0 && nextBillingStep(site, listed, terms) === undefined
}

/**
 * Compares Stripe's list with a site's record. If they differ, Stripe is asked again: the list is minutes old.
 * @throws {SitewrightError} `Unavailable`.
 */
export const reconcileSite = async (
  ports: ConvergePorts,
  siteId: SiteId,
  { listed, causationId }: { readonly listed: readonly Subscription[]; readonly causationId: string },
): Promise<ReconciledSite> => {
  const before = await ports.sites.get(siteId)
  if (!isBilled(before)) return { outcome: 'unknown', isDisputed: false, isUnreturned: false }
  const found = (outcome: Convergence, site: Site | undefined): ReconciledSite => ({
    outcome,
    isDisputed: listed.some((one) => one.isDisputed || (one.lostDisputes !== undefined && isCancellable(one.status))),
    isUnreturned: isBilled(site) && isRefundDue(site),
  })
  if (isInLine(ports, before, listed, causationId)) {
    reportBilling(ports, before, listed)
    return found('same', before)
  }
  const knownCustomers = [...new Set(listed.map(({ customerId }) => customerId))]
  const outcome = await convergeSite(ports, siteId, { causationId, knownCustomers })
  return found(outcome, await ports.sites.get(siteId))
}

export interface ReconcileBillingPorts extends ConvergePorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'listByStatus'>
  readonly payments: ConvergePorts['payments'] & Pick<Payments, 'listSubscriptions' | 'patiently' | 'pricesThatDiffer'>
}

type ListName = Exclude<keyof typeof findingsSchema.shape, 'beganAt' | 'endedAt' | 'subscriptions' | 'revenue'>

/** The whole lists of a report. */
export type BillingDrift = Pick<BillingReport, 'subscriptions' | 'revenue'> & {
  readonly [Name in ListName]: BillingReport[Name]['first']
}

/** Concurrent sites. */
const atOnce = 4

type Listed = Subscription | RefusedSubscription

/** @throws {RefusedByStripe} if Stripe refused to show one. */
const requireShown = (listed: readonly Listed[]): readonly Subscription[] =>
  listed.map((one) => {
    if ('refused' in one) throw one.refused
    return one
  })

const listBySite = async (payments: Pick<Payments, 'listSubscriptions'>) => {
  const sites = new Map<SiteId, Listed[]>()
  const withoutSite: string[] = []
  const unusual: BillingDrift['unusual'][number][] = []
  for await (const subscription of payments.listSubscriptions()) {
    const { id, siteId } = subscription
    if (siteId === undefined) {
      withoutSite.push(id)
      continue
    }
    const terms = ('unusual' in subscription ? subscription.unusual : undefined) ?? []
    unusual.push(...terms.map((term) => ({ siteId, subscriptionId: id, term })))
    const known = sites.get(siteId)
    if (known === undefined) sites.set(siteId, [subscription])
    else known.push(subscription)
  }
  return { sites, withoutSite, unusual }
}

const unreadable = (one: Listed): boolean => 'status' in one && one.status === 'unknown'

/** From an index that may be behind: only listed, never acted on. */
async function* keptSites({ listByStatus }: Pick<SiteStore, 'listByStatus'>): AsyncGenerator<KeptSite> {
  yield* listByStatus('active')
  yield* listByStatus('asleep')
  yield* listByStatus('suspended')
  yield* listByStatus('archived')
}

const findUnpaid = async (
  { sites, plans }: Pick<ReconcileBillingPorts, 'sites' | 'plans'>,
  known: ReadonlySet<string>,
) => {
  const sold = new Set(plans.plans.filter(({ kind }) => kind === 'paid').map(({ id }) => id))
  const unlisted = new Map<SiteId, string>()
  const byArrangement: SiteId[] = []
  const revenue = createRevenue(plans)
  for await (const site of keptSites(sites)) {
    if (isBeside(site)) continue
    const { id, plan, billing } = site
    // A plan that an operator has set stays when the subscription ends.
    const isFree = billing === undefined || (!isCollected(billing) && plan !== billing.plan)
    if (isFree && sold.has(plan)) byArrangement.push(id)
    if (billing === undefined) continue
    revenue.add(billing)
    if (!known.has(billing.subscriptionId)) unlisted.set(id, billing.subscriptionId)
  }
  return { unlisted, byArrangement, revenue: revenue.total() }
}

/** Waits while Stripe takes no requests, until one request fails all the same: in an outage the run ends in time. */
const patiently = (payments: ReconcileBillingPorts['payments']): ConvergePorts['payments'] => {
  let isPatient = true
  const patient =
    <Given extends readonly unknown[], Answer>(ask: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      if (!isPatient) return ask(...given)
      try {
        return await payments.patiently(() => ask(...given))
      } catch (error) {
        if (!(error instanceof RefusedByStripe)) isPatient = false
        throw error
      }
    }
  return {
    subscriptionsOf: patient(payments.subscriptionsOf),
    getSubscription: patient(payments.getSubscription),
    customerOfDispute: patient(payments.customerOfDispute),
    setCancelAtPeriodEnd: patient(payments.setCancelAtPeriodEnd),
    setCollection: patient(payments.setCollection),
    cancel: patient(payments.cancel),
    refund: patient(payments.refund),
    refundedOf: patient(payments.refundedOf),
  }
}

/** Does something for each site, and keeps the sites for which it failed. */
const collectFailures = (log: Log) => {
  const refused: BillingReport['refused']['first'] = []
  const left: SiteId[] = []
  const forEach = <Given>(sites: ReadonlyMap<SiteId, Given>, work: (siteId: SiteId, given: Given) => Promise<void>) =>
    eachAtOnce(sites, atOnce, async ([siteId, given]) => {
      try {
        await work(siteId, given)
      } catch (error) {
        if (error instanceof RefusedByStripe) {
          const { act, code, requestId } = error
          refused.push({ siteId, act, code, ...(requestId === undefined ? {} : { requestId }) })
          return
        }
        log.warn({ siteId, err: error }, 'the billing of a site could not be reconciled')
        left.push(siteId)
      }
    })
  return { refused, left, forEach }
}
type Failures = ReturnType<typeof collectFailures>

/** Stripe's list is minutes old: a subscription that was bought since is not missing. */
const findMissing = async (
  { getSubscription }: Pick<Payments, 'getSubscription'>,
  { forEach }: Failures,
  unlisted: ReadonlyMap<SiteId, string>,
): Promise<SiteId[]> => {
  const missing: SiteId[] = []
  await forEach(unlisted, async (siteId, subscriptionId) => {
    const subscription = await getSubscription(subscriptionId)
    if (subscription?.siteId !== siteId) missing.push(siteId)
  })
  return missing
}

const reconcileSites = async (
  ports: ConvergePorts,
  { refused, forEach }: Failures,
  bySite: ReadonlyMap<SiteId, readonly Listed[]>,
  causationId: string,
) => {
  const found: Record<'repaired' | 'disputed' | 'unreturned', SiteId[]> & { withoutSite: string[] } = {
    ...{ repaired: [], withoutSite: [], disputed: [], unreturned: [] },
  }
  const note = (siteId: SiteId, listed: readonly Listed[], site: ReconciledSite): void => {
    if (site.outcome === 'changed') found.repaired.push(siteId)
    if (site.outcome === 'unknown') found.withoutSite.push(...listed.map(({ id }) => id))
    for (const { id } of listed.filter(unreadable)) {
      refused.push({ siteId, act: 'read a subscription', code: `unreadable ${id}` })
    }
    if (site.isDisputed) found.disputed.push(siteId)
    if (site.isUnreturned) found.unreturned.push(siteId)
  }
  await forEach(bySite, async (siteId, listed) =>
    note(siteId, listed, await reconcileSite(ports, siteId, { listed: requireShown(listed), causationId })),
  )
  return found
}

/** Logs prices that are not sold because Stripe has other ones, or that they could not be compared. */
export const reportPrices = async ({ payments, log }: { payments: Pick<Payments, 'pricesThatDiffer'>; log: Log }) => {
  try {
    for (const difference of await payments.pricesThatDiffer()) {
      log.error(
        { event: 'price-differs', ...difference },
        'Stripe does not have this price as configured: run stripe:sync',
      )
    }
  } catch (error) {
    log.warn({ err: error }, 'the prices at Stripe could not be compared')
  }
}

/** Lists nothing without a key of Stripe. Sites that have a subscription are left then. */
const listIfSetUp = async ({ payments, log }: Pick<ReconcileBillingPorts, 'payments' | 'log'>) => {
  try {
    return { ...(await listBySite(payments)), isSetUp: true }
  } catch (error) {
    if (!(error instanceof WithoutPayments)) throw error
    log.info({ event: 'payments-not-set-up' }, 'there is no key of Stripe, so there is nothing to reconcile')
    return { sites: new Map<SiteId, Listed[]>(), withoutSite: [], unusual: [], isSetUp: false }
  }
}

/**
 * Compares all of Stripe's subscriptions with our records and repairs differences by convergence. One failure does not
 * stop the others.
 * @throws {SitewrightError} `Unavailable` if Stripe cannot be asked at all.
 */
export const reconcileBilling = async (ports: ReconcileBillingPorts, causationId: string): Promise<BillingDrift> => {
  const { payments, log } = ports
  const { sites: bySite, withoutSite, unusual, isSetUp } = await listIfSetUp(ports)
  const known = new Set([...withoutSite, ...[...bySite.values()].flatMap((listed) => listed.map(({ id }) => id))])
  const patient = { ...ports, payments: patiently(payments) }
  const failures = collectFailures(log)
  const found = await reconcileSites(patient, failures, bySite, causationId)
  const { unlisted, byArrangement, revenue } = await findUnpaid(ports, known)
  const withoutSubscription = await findMissing(patient.payments, failures, unlisted)
  const { refused, left } = failures
  const drift = {
    ...{ ...found, withoutSubscription, unusual, byArrangement, refused, left, revenue },
    withoutSite: [...found.withoutSite, ...withoutSite],
  }
  for (const siteId of drift.repaired)
    log.error({ event: 'billing-drift-repaired', siteId }, 'billing had drifted and was corrected')
  for (const subscriptionId of drift.withoutSite)
    log.error({ event: 'subscription-without-site', subscriptionId }, 'a subscription has no site')
  for (const siteId of drift.withoutSubscription)
    log.error({ event: 'site-without-subscription', siteId }, 'a paid site has no subscription')
  for (const siteId of drift.unreturned) log.info({ siteId }, 'a payment must be refunded by a person')
  for (const terms of drift.unusual) log.info(terms, 'a subscription has terms that we never sell')
  const counts = Object.fromEntries(Object.entries(drift).map(([name, all]) => [name, all.length]))
  log.info({ event: 'billing-reconciled', subscriptions: known.size, ...counts }, 'billing was reconciled')
  if (isSetUp) await reportPrices(ports)
  return { subscriptions: known.size, ...drift }
}
