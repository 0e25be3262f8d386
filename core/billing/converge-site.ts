import { SitewrightError } from '../errors.ts'
import { system } from '../events/event-names.ts'
import type { SiteId } from '../ids.ts'
import type { Subscription } from '../ports/payments.ts'
import type { ChangeContext, SiteChange } from '../site/change.ts'
import { changeSite, startOperationSoon } from '../site/change-site.ts'
import type { PaymentReturn } from '../site/run/billing-change.ts'
import { returnPayment } from '../site/run/billing-change.ts'
import type { KeptSite, PurgedSite, Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import type { BillingStep } from './next-billing-step.ts'
import { nextBillingStep } from './next-billing-step.ts'
import type { ConvergePorts } from './read-subscriptions.ts'
import { reportBilling, siteSubscriptions } from './read-subscriptions.ts'
import { isCancellable, isSoldBy } from './subscription.ts'
import type { Unwanted } from './unwanted-subscriptions.ts'

/** `unknown`: there is no such site, or it cannot be paid for. */
export type Convergence = 'same' | 'changed' | 'unknown'

/** More than any site needs, even if others change it. */
const mostSteps = 24

type BillableSite = KeptSite | PurgedSite

/** A site, and its subscriptions read from Stripe after it. */
interface Look {
  readonly site: BillableSite
  readonly subscriptions: readonly Subscription[]
}

interface Progress {
  readonly context: ChangeContext
  /** Subscriptions that need nothing more. */
  readonly settled: Set<string>
  readonly cancelled: Set<string>
  /** Refunded so far, in minor units. */
  readonly given: Map<string, number>
}

const isBillable = (site: Site | undefined): site is BillableSite => isKept(site) || site?.status === 'purged'

/** Logged before the commit, so that it survives a crash. */
const reportDispute = ({ log }: ConvergePorts, { before, after }: SiteChange): void => {
  const isDisputed = (site: Site | undefined) => isBillable(site) && site.billing?.isDisputed === true
  if (!isDisputed(after) || isDisputed(before)) return
  const subscriptionId = isBillable(after) ? after.billing?.subscriptionId : undefined
  log.error(
    { event: 'payment-disputed', siteId: after.id, subscriptionId },
    "a payment of a site's subscription is disputed",
  )
}

/** @returns the site after the change; undefined if somebody else wrote first. */
const write = async (ports: ConvergePorts, look: Look, change: SiteChange): Promise<Look | undefined> => {
  reportDispute(ports, change)
  if (!(await ports.sites.commit(change)).done) return undefined
  await startOperationSoon(ports, change.after)
  return isBillable(change.after) ? { ...look, site: change.after } : undefined
}

const act = async (
  ports: ConvergePorts,
  site: BillableSite,
  step: Exclude<BillingStep, { readonly kind: 'change' }>,
  { context, settled, cancelled, given }: Progress,
): Promise<void> => {
  if (step.kind === 'renewal') return ports.payments.setCancelAtPeriodEnd(step.subscriptionId, step.cancels)
  const { id, status } = step.unwanted.subscription
  const givenBefore = given.get(id) ?? 0
  const givenNow = await returnSubscription(ports, site, step.unwanted, { context, givenBefore })
  if (givenNow !== undefined) given.set(id, givenNow)
  // A cancelled subscription is checked once more: it may have been paid meanwhile.
  else if (cancelled.has(id) || !isCancellable(status)) settled.add(id)
  cancelled.add(id)
}

/**
 * Brings a site and its subscriptions into line with Stripe. The site is read before Stripe is asked and written on
 * condition of that version, so an older answer never overwrites a newer one. It can be repeated and run concurrently.
 * @param knownCustomers customers that have paid, besides the account's own.
 * @throws {SitewrightError} `Unavailable` if Stripe cannot be asked or the site keeps changing: repeat.
 */
export const convergeSite = async (
  ports: ConvergePorts,
  siteId: SiteId,
  { causationId, knownCustomers }: { readonly causationId: string; readonly knownCustomers?: readonly string[] },
): Promise<Convergence> => {
  const { sites, plans, policies, clocks, randomness } = ports
  const context: ChangeContext = { actor: system, causationId, clocks, randomness }
  const progress: Progress = { context, settled: new Set(), cancelled: new Set(), given: new Map() }
  let isChanged = false
  let look: Look | undefined
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const site = look?.site ?? (await sites.get(siteId))
    if (!isBillable(site)) return 'unknown'
    const subscriptions = look?.subscriptions ?? (await siteSubscriptions(ports, site, knownCustomers))
    const policy = policies.find(site.policyVersion)
    const terms = { policy, context, settled: progress.settled, isSold: isSoldBy(plans) }
    const step = nextBillingStep(site, subscriptions, terms)
    if (step === undefined) {
      reportBilling(ports, site, subscriptions)
      return isChanged ? 'changed' : 'same'
    }
    if (step.kind === 'change') {
      look = await write(ports, { site, subscriptions }, step.change)
      isChanged ||= look !== undefined
    } else {
      look = undefined
      await act(ports, site, step, progress)
      isChanged = true
    }
  }
  throw new SitewrightError('Unavailable', `The billing of ${siteId} was changed at the same time. Try again.`)
}

/**
 * Refunds an unwanted subscription, notes that, and cancels it, in this order: after a crash the next run finds it
 * still running. An ended subscription is noted first. A refund that fails is noted and logged once.
 * @param givenBefore what was refunded at the last attempt, in minor units; a refund that adds nothing is not repeated.
 * @returns the refunded amount if it has grown, so that it is worth another look.
 * @throws {SitewrightError} `Unavailable`.
 */
export const returnSubscription = async (
  { payments, sites, log }: Pick<ConvergePorts, 'payments' | 'sites' | 'log'>,
  { id: siteId }: Site,
  { subscription, because, refundedBeyond, isPlanned }: Unwanted,
  { context, givenBefore }: { readonly context: ChangeContext; readonly givenBefore: number },
): Promise<number | undefined> => {
  const { id: subscriptionId, paidThrough, status } = subscription
  const isRunning = isCancellable(status)
  const note = (done: Pick<PaymentReturn, 'returned' | 'settledThrough' | 'isPending'>) =>
    changeSite(sites, siteId, (site) =>
      isKept(site) || site?.status === 'purged'
        ? returnPayment(site, { subscriptionId, because, ...done }, context)
        : undefined,
    )
  if (refundedBeyond !== undefined && !isRunning) await note({ returned: undefined, isPending: true })
  // Stripe keeps the answer to a key for a day, so a refund after a refused one needs another key.
  const key = `refund-${subscriptionId}-${paidThrough}-${givenBefore}`
  const refund =
    refundedBeyond === undefined
      ? undefined
      : await payments.refund({ subscriptionId, beyond: refundedBeyond, idempotencyKey: key })
  // Includes refunds of a run that crashed before it noted them.
  const returned = await payments.refundedOf(subscriptionId)
  const given = returned?.amount ?? 0
  // Another run may have refunded it at the same time.
  const isMore = given > givenBefore
  const isStuck = refundedBeyond !== undefined && !isMore
  if (isStuck && returned !== undefined && returned.left > 0) {
    const { left, currency } = returned
    log.error(
      { event: 'refund-stuck', siteId, subscriptionId, because, left, currency },
      'a payment without service could not be refunded',
    )
  }
  await note({ returned, settledThrough: isStuck ? paidThrough : undefined })
  if (isRunning) await payments.cancel(subscriptionId)
  const facts = { siteId, subscriptionId, because, ...refund }
  if ((refund !== undefined && isMore) || (!isPlanned && isRunning)) {
    log.error({ event: 'subscription-returned', ...facts }, 'a subscription that nobody has anything of was cancelled')
  } else if (isRunning) {
    log.info({ event: 'subscription-cancelled', ...facts }, 'an unused subscription was cancelled')
  }
  return isMore ? given : undefined
}
