import { refuse, SitewrightError } from '../../../core/errors.ts'
import { type Instant, toInstant } from '../../../core/instant.ts'
import type { BillingInterval, Plan } from '../../../core/plan/plan.ts'
import type { Log } from '../../../core/ports/context.ts'
import { isSamePrice, type PricePreview, type Subscription } from '../../../core/ports/payments.ts'
import type { StorageMeter } from '../../../core/ports/runtime.ts'
import { findOwnSite, type OwnerAct, requireKept } from '../../../core/site/change-site.ts'
import { homeOf } from '../../../core/site/location.ts'
import { isLive, type KeptSite } from '../../../core/site/site.ts'
import { billingStateOf } from '../../../core/site/site-billing.ts'
import { plansFor } from '../../offers/offers.ts'
import { admitPaymentAct, type BillingActPorts, convergeSoon, previewMinutes } from './admit-payment-act.ts'
import { choosePrice, refuseTerm, requireAvailableToOwner } from './purchase-terms.ts'

const requireChangeable = async ({ payments }: BillingActPorts, { billing }: KeptSite): Promise<Subscription> => {
  const subscription = billing === undefined ? undefined : await payments.getSubscription(billing.subscriptionId)
  switch (subscription === undefined ? undefined : billingStateOf(subscription.status)) {
    case 'active':
      break
    case 'past-due':
      throw new SitewrightError(
        'PaymentRequired',
        'A payment is overdue. Pay it under “Invoices and card”, then change the plan.',
      )
    case 'paused':
      return refuse('The subscription of this site is paused. Contact us to resume it.')
    default:
      return refuse('This site has no active subscription. Choose a plan to start one.')
  }
  return subscription ?? refuse('This site has no subscription.')
}

/** The difference is charged at once, so a site that may not run keeps its plan. */
const requireToStay = (site: KeptSite): void => {
  requireAvailableToOwner(site)
  if (!isLive(site) && site.deletion !== undefined) {
    refuse('This site is scheduled for deletion. Cancel the deletion first to keep the site.')
  }
}

/** Another interval begins a period of its own, and a date that is set as the end does not move with it. */
const requireRenewal = ({ price, cancelsAtPeriodEnd, unusual }: Subscription, { interval }: RequestedPlan): void => {
  if (price?.interval === interval || !(cancelsAtPeriodEnd || unusual?.includes('ends-later'))) return
  refuse('The subscription is cancelled. Resume it under “Invoices and card”, then change between months and years.')
}

interface RequestedPlan {
  readonly plan: string
  readonly interval: BillingInterval
}

/** What a change of plan and its preview need. Asks Stripe. */
const prepareChange = async (ports: BillingActPorts, act: OwnerAct, request: RequestedPlan) => {
  const site = requireKept(await findOwnSite(ports, act))
  const { plan, price } = choosePrice(plansFor(ports, site), request, site.billing?.currency)
  requireToStay(site)
  await admitPaymentAct(ports, act.accountId)
  const subscription = await requireChangeable(ports, site)
  requireRenewal(subscription, request)
  return { site, plan, price, subscription }
}

export interface PlanPreview extends PricePreview {
  /** In whole seconds. A change that names it charges the same amount. */
  readonly at: Instant
}

/**
 * Asks Stripe what a change of plan charges now. Nothing changes.
 * @throws {SitewrightError} as `changeOwnPlan`; `TransitionNotAllowed` also for the present plan, and while a change waits for the bank.
 */
export const previewOwnPlan = async (
  ports: BillingActPorts,
  act: OwnerAct,
  request: RequestedPlan,
): Promise<PlanPreview> => {
  const { price, subscription } = await prepareChange(ports, act, request)
  if (subscription.pendingChange !== undefined) refuse('An earlier plan change waits for your bank.')
  if (isSamePrice(subscription.price, price)) refuse('The site already has this plan.')
  const at = toInstant(new Date(Math.floor(Date.parse(ports.clocks.domain()) / 1000) * 1000))
  return { ...(await ports.payments.previewPrice({ subscriptionId: subscription.id, price, proratedAt: at })), at }
}

/** A later change would charge for time that has passed. @throws {SitewrightError} `InvalidRequest`. */
const requireRecent = (previewedAt: Instant, now: Instant): void => {
  if (Math.abs(Date.parse(now) - Date.parse(previewedAt)) <= previewMinutes * 60_000) return
  refuseTerm('previewedAt', 'the amount that was shown is out of date: request another preview')
}

export interface PlanChange {
  /** Its billing may follow a moment later. */
  readonly site: KeptSite
  /** Where the owner confirms the payment with the bank; absent if the plan is changed. */
  readonly confirmUrl: string | undefined
}

/**
 * Moves the site's subscription to another price; the difference is charged or credited at once. Repeating the request is safe.
 * If the owner's bank wants the payment confirmed, the site keeps its plan until then. Another choice replaces a change that
 * waits; the present plan drops it.
 * @param request.previewedAt the instant of a preview, so that the change charges its amount.
 * @throws {SitewrightError} `NotFound`, `InvalidRequest`, `TransitionNotAllowed`, `RateLimited`, `PaymentRequired` while a
 *   payment is due, `LimitsExceeded`, `PaymentDeclined`, `Unavailable`: Stripe may have changed the price.
 */
export const changeOwnPlan = async (
  ports: BillingActPorts,
  act: OwnerAct,
  { previewedAt: proratedAt, ...request }: RequestedPlan & { readonly previewedAt?: Instant | undefined },
): Promise<PlanChange> => {
  if (proratedAt !== undefined) requireRecent(proratedAt, ports.clocks.domain())
  const { site, plan, price, subscription } = await prepareChange(ports, act, request)
  let confirmUrl: string | undefined
  const isOther = !isSamePrice(subscription.price, price)
  if (subscription.pendingChange !== undefined || isOther) {
    if (isOther) await requireFit(ports, site, plan)
    const idempotencyKey = `plan-${site.id}-${act.causationId}`
    const change = { subscriptionId: subscription.id, price, idempotencyKey, proratedAt }
    const changed = await ports.payments.changePrice(change)
    confirmUrl = changed.confirmUrl
    const isPending = confirmUrl !== undefined
    ports.log.info({ siteId: site.id, from: subscription.price, to: price, isPending }, 'changed a subscription')
  }
  await convergeSoon(ports, site.id, act.causationId)
  return { site: requireKept(await findOwnSite(ports, act)), confirmUrl }
}

interface FitPorts {
  readonly meter: StorageMeter
  readonly log: Log
}

const mebibyte = 1_048_576

/** Undefined if it cannot be measured: the site is metered later anyway. */
const measured = async ({ meter, log }: FitPorts, site: KeptSite): Promise<number | undefined> => {
  try {
    return await meter.measure(homeOf(site))
  } catch (error) {
    log.warn({ siteId: site.id, err: error }, 'the storage of a site could not be measured before a plan change')
    return undefined
  }
}

/** For an archived site, the size of the archive that its restore takes: a lower bound. */
const bytesOf = async (ports: FitPorts, site: KeptSite): Promise<number | undefined> =>
  site.status === 'archived' ? site.archives[0]?.bytes : measured(ports, site)

/**
 * Checks that a site's data fits a plan. The other limits restrict traffic, not data.
 * @throws {SitewrightError} `LimitsExceeded`, with the excess.
 */
export const requireFit = async (ports: FitPorts, site: KeptSite, { name, limits }: Plan): Promise<void> => {
  const bytes = await bytesOf(ports, site)
  if (bytes === undefined || bytes <= limits.storageMiB * mebibyte) return
  const excess = Math.ceil(bytes / mebibyte) - limits.storageMiB
  const message = `${name} has ${limits.storageMiB} MiB, and at least ${Math.ceil(bytes / mebibyte)} MiB are used`
  throw new SitewrightError(
    'LimitsExceeded',
    `The site stores more than the plan ${name} allows. Delete ${excess} MiB of its data first, or choose a larger plan.`,
    { fields: [{ path: 'storageMiB', message }] },
  )
}
