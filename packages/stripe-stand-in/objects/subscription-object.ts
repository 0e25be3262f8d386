import type Stripe from 'stripe'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'
import type { ObjectList } from './object-list.ts'
import { wholeList } from './object-list.ts'
import type { SubscriptionItemObject } from './subscription-item-object.ts'
import { subscriptionItemObject } from './subscription-item-object.ts'

export type SubscriptionObject = Omit<Stripe.Subscription, 'items'> & { items: ObjectList<SubscriptionItemObject> }

export const subscriptionObject = (world: World, subscription: Subscription): SubscriptionObject => ({
  id: subscription.id,
  object: 'subscription',
  application: null,
  application_fee_percent: null,
  automatic_tax: {
    disabled_reason: null,
    enabled: subscription.hasAutomaticTax,
    liability: subscription.hasAutomaticTax ? { type: 'self' } : null,
  },
  billing_cycle_anchor: subscription.billingCycleAnchor,
  billing_cycle_anchor_config: null,
  billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
  billing_schedules: [],
  billing_thresholds: null,
  cancel_at: subscription.cancelAt,
  cancel_at_period_end: subscription.cancelsAtPeriodEnd,
  canceled_at: subscription.canceledAt,
  cancellation_details: { ...subscription.cancellation, feedback_option: null },
  collection_method: 'charge_automatically',
  created: subscription.created,
  currency: subscription.currency,
  customer: subscription.customer,
  customer_account: null,
  days_until_due: null,
  default_payment_method: subscription.defaultPaymentMethod,
  default_source: null,
  default_tax_rates: [],
  description: subscription.description,
  discounts: [],
  ended_at: subscription.endedAt,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  items: wholeList(
    [subscriptionItemObject(world, subscription)],
    `/v1/subscription_items?subscription=${subscription.id}`,
  ),
  latest_invoice: subscription.latestInvoice,
  livemode: false,
  managed_payments: null,
  metadata: subscription.metadata,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection:
    subscription.pauseCollection === null
      ? null
      : { behavior: subscription.pauseCollection.behavior, resumes_at: subscription.pauseCollection.resumesAt },
  payment_settings: {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: 'off',
  },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  start_date: subscription.startDate,
  status: subscription.status,
  test_clock: null,
  transfer_data: null,
  trial_end: null,
  trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
  trial_start: null,
})
