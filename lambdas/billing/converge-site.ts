import { SitewrightError } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import { type Payments, RefusedByStripe, type Subscription } from '../../core/ports/payments.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { startOperationSoon } from '../../core/site/change-site.ts'
import { isBeside } from '../../core/site/environment.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { isKept, isLive } from '../../core/site/site.ts'
import { isSoldBy } from '../../core/site/site-billing.ts'
import { type RedactCustomersPorts, redactCustomers } from '../accounts/erase-people.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { withSize } from '../endings/resume-site.ts'
import { resumeByRecord } from './change-billing.ts'
import { type BillingStep, nextBillingStep } from './next-billing-step.ts'
import type { Checkouts } from './ports.ts'
import { reportBilling, reportDispute } from './report-billing.ts'
import { siteSubscriptions } from './site-subscriptions.ts'
import { type BilledSite, followRefunds, isBilled, returnSubscription } from './unwanted-subscriptions.ts'

export interface ConvergePorts extends Pick<Context, 'plans' | 'policies' | 'clocks' | 'randomness' | 'log'> {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly payments: Pick<
    Payments,
    | 'subscriptionsOf'
    | 'getSubscription'
    | 'customerOfDispute'
    | 'setCancelAtPeriodEnd'
    | 'setCollection'
    | 'cancel'
    | 'refund'
    | 'refundedOf'
  >
  readonly workflows: Workflows
}

/** `unknown`: there is no such site, or it cannot be paid for. */
export type Convergence = 'same' | 'changed' | 'unknown'

/** More than any site needs, even if others change it. */
const maxSteps = 24

/** A site, and its subscriptions read from Stripe after it. */
interface Current {
  readonly site: BilledSite
  readonly isResumed: boolean
  readonly isClosed: boolean
  readonly subscriptions: readonly Subscription[]
}

/** The record decides about bringing a site up. If somebody else wrote first, the next write fails and all is read again. */
const resumePaid = async (ports: ConvergePorts, site: BilledSite, context: ChangeContext): Promise<BilledSite> => {
  if (!isKept(site) || (!isLive(site) && site.deletion !== undefined)) return site
  const change = resumeByRecord(site, site, ports.policies.find(site.policyVersion), context)
  const current = change && (await write(ports, { site, isResumed: true, isClosed: false, subscriptions: [] }, change))
  return current?.site ?? site
}

const readCurrent = async (
  ports: ConvergePorts,
  siteId: SiteId,
  knownCustomers: readonly string[] | undefined,
  context: ChangeContext,
): Promise<Current | undefined> => {
  const found = await ports.sites.get(siteId)
  if (!isBilled(found) || isBeside(found)) return undefined
  const site = await resumePaid(ports, found, context)
  return { site, isResumed: site !== found, ...(await siteSubscriptions(ports, site, knownCustomers)) }
}

/** @returns the site after the change; undefined if somebody else wrote first. */
const write = async (ports: ConvergePorts, current: Current, decided: SiteChange): Promise<Current | undefined> => {
  const change = withSize(decided, ports.plans)
  reportDispute(ports, change)
  if (!(await ports.sites.commit(change)).done) return undefined
  await startOperationSoon(ports, change.after)
  return isBilled(change.after) ? { ...current, site: change.after } : undefined
}

interface Convergent {
  readonly context: ChangeContext
  /** By the subscriptions that Stripe refused to change. */
  readonly refused: Map<string, RefusedByStripe>
}

/** @returns whether Stripe did it; otherwise the refusal is noted. */
const act = async (
  ports: ConvergePorts,
  site: BilledSite,
  step: Exclude<BillingStep, { readonly kind: 'change' }>,
  { context, refused }: Convergent,
): Promise<boolean> => {
  try {
    if (step.kind === 'renewal') await ports.payments.setCancelAtPeriodEnd(step.subscriptionId, step.cancels)
    else if (step.kind === 'collection') await ports.payments.setCollection(step.subscriptionId, step.collects)
    else await returnSubscription(ports, site, step.unwanted, context)
    return true
  } catch (error) {
    if (!(error instanceof RefusedByStripe)) throw error
    refused.set(step.kind === 'return' ? step.unwanted.subscription.id : step.subscriptionId, error)
    return false
  }
}

/**
 * Does what follows the last step. @returns whether a refund was recorded.
 * @throws {RefusedByStripe} the first refusal.
 */
const finish = async (
  ports: ConvergePorts,
  { site, subscriptions }: Current,
  { context, refused }: Convergent,
): Promise<boolean> => {
  reportBilling(ports, site, subscriptions)
  const isFollowed = await followRefunds(ports, site, context)
  for (const refusal of refused.values()) throw refusal
  return isFollowed
}

/**
 * Brings a site and its subscriptions into line with Stripe. A site that is paid for by its record is resumed first. The
 * site is read before Stripe is asked and written on
 * condition of that version, so an older answer never overwrites a newer one. It can be repeated and run concurrently.
 * What Stripe refuses for one subscription does not hold back the others.
 * @param knownCustomers customers that have paid, besides the account's own.
 * @throws {SitewrightError} `Unavailable` if Stripe cannot be asked or the site keeps changing: repeat.
 * @throws {RefusedByStripe} the first refusal, after everything else is done.
 */
export const convergeSite = async (
  ports: ConvergePorts,
  siteId: SiteId,
  { causationId, knownCustomers }: { readonly causationId: string; readonly knownCustomers?: readonly string[] },
): Promise<Convergence> => {
  const { plans, policies, clocks, randomness } = ports
  const context: ChangeContext = { actor: system, causationId, clocks, randomness }
  const refused: Convergent['refused'] = new Map()
  let isChanged = false
  let current: Current | undefined
  for (let steps = 0; steps < maxSteps; steps += 1) {
    current ??= await readCurrent(ports, siteId, knownCustomers, context)
    if (current === undefined) return 'unknown'
    isChanged ||= current.isResumed
    const { site, subscriptions, isClosed } = current
    const policy = policies.of(site)
    const step = nextBillingStep(site, subscriptions, { policy, context, isSold: isSoldBy(plans), isClosed, refused })
    if (step === undefined) {
      const isFollowed = await finish(ports, current, { context, refused })
      return isChanged || isFollowed ? 'changed' : 'same'
    }
    if (step.kind === 'change') {
      current = await write(ports, current, step.change)
      isChanged ||= current !== undefined
    } else {
      current = undefined
      if (await act(ports, site, step, { context, refused })) isChanged = true
    }
  }
  throw new SitewrightError('Unavailable', `The billing of ${siteId} was changed at the same time. Try again.`)
}

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
