import type Stripe from 'stripe'
import * as z from 'zod'
import { finder } from '../api/endpoint.ts'
import { collection, currency, metadata, record, seconds } from '../collection.ts'
import { nulls, type ObjectList, wholeList } from '../objects.ts'
import type { World } from '../world.ts'
import { type PlanObject, type PriceObject, planObject, priceObject, prices } from './prices.ts'

/** Stripe gives up on a first payment after that: https://docs.stripe.com/billing/subscriptions/overview */
const incompleteSeconds = 23 * 3600

const subscriptionSchema = z.object({
  ...record,
  customer: z.string(),
  currency,
  status: z.enum(['incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'canceled']),
  metadata,
  /** The customer reads it in the portal. */
  description: z.string().nullable().default(null),
  item: z.object({ ...record, price: z.string(), periodStart: seconds, periodEnd: seconds }),
  billingCycleAnchor: seconds,
  startDate: seconds,
  cancelsAtPeriodEnd: z.boolean(),
  cancelAt: seconds.nullable(),
  canceledAt: seconds.nullable(),
  endedAt: seconds.nullable(),
  cancellation: z.object({ reason: z.enum(['cancellation_requested', 'payment_failed']).nullable() }),
  defaultPaymentMethod: z.string().nullable(),
  latestInvoice: z.string().nullable(),
  /** While it is set, the invoices of renewals are not collected. */
  pauseCollection: z
    .object({ behavior: z.enum(['keep_as_draft', 'mark_uncollectible', 'void']), resumes_at: seconds.nullable() })
    .nullable()
    .default(null),
  trial: z.object({ start: seconds, end: seconds }).nullable().default(null),
  /** How many days its invoices leave to pay them; null if a card pays. */
  daysUntilDue: z.int().nullable().default(null),
  /** The id of a discount of 100 % on everything. */
  discount: z.string().nullable().default(null),
  /** A change of price that waits for the payment of its invoice. */
  pendingUpdate: z
    .object({
      invoice: z.string(),
      expiresAt: seconds,
      price: z.string(),
      periodStart: seconds,
      periodEnd: seconds,
      billingCycleAnchor: seconds,
      /** False during the first attempt to pay. */
      isWaiting: z.boolean(),
    })
    .nullable()
    .default(null),
})
export type Subscription = z.infer<typeof subscriptionSchema>

export const isOver = ({ status }: Pick<Subscription, 'status'>): boolean =>
  status === 'canceled' || status === 'incomplete_expired'

export const subscriptions = collection('subscription', subscriptionSchema, (subscription) => {
  const { status, created, item, cancelAt, pauseCollection, pendingUpdate } = subscription
  if (status === 'incomplete') return created + incompleteSeconds
  if (isOver(subscription)) return undefined
  const others = [cancelAt, pauseCollection?.resumes_at, pendingUpdate?.expiresAt]
  return Math.min(item.periodEnd, ...others.map((at) => at ?? Number.POSITIVE_INFINITY))
})

export const requireSubscription = finder(subscriptions.get, 'subscription')

type ItemObject = Omit<Stripe.SubscriptionItem, 'plan' | 'price'> & { plan: PlanObject; price: PriceObject }

const itemObject = (world: World, { id, item }: Subscription): ItemObject => {
  const price = prices.require(world, item.price)
  return {
    id: item.id,
    object: 'subscription_item',
    created: item.created,
    current_period_end: item.periodEnd,
    current_period_start: item.periodStart,
    discounts: [],
    metadata: {},
    plan: planObject(price),
    price: priceObject(price),
    quantity: 1,
    subscription: id,
    tax_rates: [],
    ...nulls('billing_thresholds current_trial'),
  }
}

type PendingObject = Omit<Stripe.Subscription.PendingUpdate, 'subscription_items'> & {
  subscription_items: ItemObject[]
}

type SubscriptionObject = Omit<Stripe.Subscription, 'items' | 'pending_update'> & {
  items: ObjectList<ItemObject>
  pending_update: PendingObject | null
}

const pendingObject = (world: World, subscription: Subscription): PendingObject | null => {
  const { item, pendingUpdate: pending } = subscription
  if (pending === null) return null
  const { price, periodStart, periodEnd } = pending
  return {
    expires_at: pending.expiresAt,
    subscription_items: [itemObject(world, { ...subscription, item: { ...item, price, periodStart, periodEnd } })],
    ...nulls('billing_cycle_anchor cancel_at_period_end discount discounts metadata trial_end trial_from_plan'),
  }
}

export const subscriptionObject = (world: World, subscription: Subscription): SubscriptionObject => ({
  id: subscription.id,
  object: 'subscription',
  automatic_tax: { enabled: false, ...nulls('disabled_reason liability') },
  billing_cycle_anchor: subscription.billingCycleAnchor,
  billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
  billing_schedules: [],
  cancel_at: subscription.cancelAt,
  cancel_at_period_end: subscription.cancelsAtPeriodEnd,
  canceled_at: subscription.canceledAt,
  cancellation_details: { reason: subscription.cancellation.reason, ...nulls('comment feedback feedback_option') },
  collection_method: subscription.daysUntilDue === null ? 'charge_automatically' : 'send_invoice',
  created: subscription.created,
  currency: subscription.currency,
  customer: subscription.customer,
  days_until_due: subscription.daysUntilDue,
  default_payment_method: subscription.defaultPaymentMethod,
  default_tax_rates: [],
  discounts: subscription.discount === null ? [] : [subscription.discount],
  ended_at: subscription.endedAt,
  invoice_settings: { issuer: { type: 'self' }, ...nulls('account_tax_ids custom_fields description footer') },
  items: wholeList([itemObject(world, subscription)], `/v1/subscription_items?subscription=${subscription.id}`),
  latest_invoice: subscription.latestInvoice,
  livemode: false,
  description: subscription.description,
  metadata: subscription.metadata,
  pause_collection: subscription.pauseCollection,
  payment_settings: { save_default_payment_method: 'off', ...nulls('payment_method_options payment_method_types') },
  pending_update: pendingObject(world, subscription),
  start_date: subscription.startDate,
  status: subscription.status,
  trial_end: subscription.trial?.end ?? null,
  trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
  trial_start: subscription.trial?.start ?? null,
  ...nulls('application application_fee_percent billing_cycle_anchor_config billing_thresholds customer_account'),
  ...nulls('default_source managed_payments next_pending_invoice_item_invoice'),
  ...nulls('on_behalf_of pending_invoice_item_interval pending_setup_intent schedule'),
  ...nulls('test_clock transfer_data'),
})

/** The members of an object that were different before, as they were. */
const previousOf = (before: object, after: object): object => {
  const now = new Map<string, unknown>(Object.entries(after))
  return Object.fromEntries(
    Object.entries(before).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now.get(name))),
  )
}

/** Changes a subscription and emits an event if that makes a difference. */
export const changeSubscription = (
  world: World,
  id: string,
  change: Parameters<typeof subscriptions.change>[2],
): Subscription => {
  const before = subscriptionObject(world, subscriptions.require(world, id))
  const changed = subscriptions.change(world, id, change)
  const after = subscriptionObject(world, changed)
  const previous = previousOf(before, after)
  if (Object.keys(previous).length > 0) world.emit('customer.subscription.updated', after, previous)
  return changed
}

const endAt = (world: World, { id }: Subscription, cancelAt: number, cancelsAtPeriodEnd: boolean): Subscription => {
  const cancellation = { reason: 'cancellation_requested' } as const
  return changeSubscription(world, id, { cancelsAtPeriodEnd, cancelAt, canceledAt: world.now, cancellation })
}

/** Lets a subscription end with its period, as the API does. */
export const endWithPeriod = (world: World, subscription: Subscription): Subscription =>
  endAt(world, subscription, subscription.item.periodEnd, true)

/** Lets a subscription end by a date. The portal sets that of its period's end in Stripe's flexible mode. */
export const endByDate = (
  world: World,
  subscription: Subscription,
  cancelAt = subscription.item.periodEnd,
): Subscription => endAt(world, subscription, cancelAt, false)

/** Revokes a cancellation. */
export const goOn = (world: World, { id }: Subscription): Subscription => {
  const change = { cancelsAtPeriodEnd: false, cancelAt: null, canceledAt: null, cancellation: { reason: null } }
  return changeSubscription(world, id, change)
}
