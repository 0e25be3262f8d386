import { SitewrightError } from '../errors.ts'
import { system } from '../events/event-names.ts'
import type { SiteId } from '../ids.ts'
import type { Subscription } from '../ports/payments.ts'
import type { ChangeContext, SiteChange } from '../site/change.ts'
import { changeSite } from '../site/change-site.ts'
import type { PaymentReturn } from '../site/run/billing-change.ts'
import { returnPayment } from '../site/run/billing-change.ts'
import type { KeptSite, PurgedSite, Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { startOperationSoon } from '../site/start-operation.ts'
import type { BillingStep } from './next-billing-step.ts'
import { nextBillingStep } from './next-billing-step.ts'
import type { ConvergePorts } from './read-subscriptions.ts'
import { reportBilling, siteSubscriptions } from './read-subscriptions.ts'
import { isCancellable, isSoldBy } from './subscription.ts'
import type { Unwanted } from './unwanted-subscriptions.ts'

/** `unknown`: there is no such site, or none that could have been paid for. */
export type Convergence = 'same' | 'changed' | 'unknown'

/** More than a site with a few subscriptions needs, also while others change it. */
const mostSteps = 24

type BillableSite = KeptSite | PurgedSite

/** A site, and what Stripe said after it was read. */
interface Look {
  readonly site: BillableSite
  readonly subscriptions: readonly Subscription[]
}

interface Progress {
  readonly context: ChangeContext
  /** Subscriptions of which everything was done that can be. */
  readonly settled: Set<string>
  /** Those that were cancelled, or ended before. */
  readonly cancelled: Set<string>
  /** What had been given back of them by now. */
  readonly given: Map<string, number>
}

const isBillable = (site: Site | undefined): site is BillableSite => isKept(site) || site?.status === 'purged'

/** Said before it is written, which is done once: whoever dies in between has said it. */
const reportDispute = ({ log }: ConvergePorts, { before, after }: SiteChange): void => {
  const isDisputed = (site: Site | undefined) => isBillable(site) && site.billing?.isDisputed === true
  if (!isDisputed(after) || isDisputed(before)) return
  const subscriptionId = isBillable(after) ? after.billing?.subscriptionId : undefined
  log.error(
    { event: 'payment-disputed', siteId: after.id, subscriptionId },
    "a payment of a site's subscription is disputed",
  )
}

/** @returns what is known after it without asking again; undefined where somebody else was there first. */
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
  // What was cancelled just now is looked at once more: by then it may have been paid for.
  else if (cancelled.has(id) || !isCancellable(status)) settled.add(id)
  cancelled.add(id)
}

/**
 * Brings a site and its subscriptions into line with what Stripe says now. The site is read before Stripe is asked, and
 * written on condition of that: what was asked earlier never overwrites what was asked later. After a change of ours Stripe is
 * not asked again, since whoever asked later would have changed the site before. It may be repeated, and run twice at once.
 * @param knownCustomers who is known to have paid, besides the account's customer.
 * @throws {SitewrightError} `Unavailable` where Stripe cannot be asked, or the site goes on changing: to be repeated.
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
  throw new SitewrightError('Unavailable', `The billing of ${siteId} goes on changing. Try again.`)
}

/**
 * Gives back what was paid on a subscription that nobody has anything of, notes that, and cancels it: in this order, so that
 * whoever comes after a crash still finds it running, and does the rest. One that has ended is noted before, and found by that. What
 * cannot be given back is noted and said once.
 * @param givenBefore what had been given back of it when it was last tried, in minor units. A refund that leaves it at that gave
 *   nothing back, whatever it says, and is not tried for ever.
 * @returns what has been given back by now where that is more, so that it is worth looking once more.
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
  // What was refused before more was given back may be done after that: Stripe keeps what it said to a key for a day.
  const key = `refund-${subscriptionId}-${paidThrough}-${givenBefore}`
  const refund =
    refundedBeyond === undefined
      ? undefined
      : await payments.refund({ subscriptionId, beyond: refundedBeyond, idempotencyKey: key })
  // Also what somebody has given back who died before it was noted.
  const returned = await payments.refundedOf(subscriptionId)
  const given = returned?.amount ?? 0
  // Somebody else may have given it back at the same moment.
  const isMore = given > givenBefore
  const isStuck = refundedBeyond !== undefined && !isMore
  if (isStuck && returned !== undefined && returned.left > 0) {
    const { left, currency } = returned
    log.error(
      { event: 'refund-stuck', siteId, subscriptionId, because, left, currency },
      'money that was paid for nothing could not be given back',
    )
  }
  await note({ returned, settledThrough: isStuck ? paidThrough : undefined })
  if (isRunning) await payments.cancel(subscriptionId)
  const facts = { siteId, subscriptionId, because, ...refund }
  if ((refund !== undefined && isMore) || (!isPlanned && isRunning)) {
    log.error({ event: 'subscription-returned', ...facts }, 'a subscription that nobody has anything of was cancelled')
  } else if (isRunning) {
    log.info({ event: 'subscription-cancelled', ...facts }, 'a subscription that is of no more use was cancelled')
  }
  return isMore ? given : undefined
}
