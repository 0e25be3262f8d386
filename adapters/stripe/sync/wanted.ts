import type { Stripe } from 'stripe'
import type { BillingInterval, Plan } from '../../../core/plan/plan.ts'
import { paymentNoticeTypes } from '../../../lambdas/billing/payment-notice.ts'
import { lookupKeyOf } from '../ours.ts'

export interface WantedProduct {
  readonly plan: string
  readonly name: string
}

export interface WantedPrice {
  readonly key: string
  readonly plan: string
  /** Integer minor units. */
  readonly amount: number
  /** Lower case, as at Stripe. */
  readonly currency: string
  readonly interval: BillingInterval
}

export interface WantedWebhook {
  readonly url: string
  readonly events: readonly (typeof paymentNoticeTypes)[number][]
}

/** What Stripe should hold of us, besides the portal's configuration, which is always the same. */
export interface Wanted {
  readonly products: readonly WantedProduct[]
  readonly prices: readonly WantedPrice[]
  /** Absent where no address for events is configured: webhooks are then left alone. */
  readonly webhook: WantedWebhook | undefined
}

/** Whatever is sold becomes a product, each of its prices a price. */
export const wantedOf = (
  { plans, brand }: { readonly plans: readonly Plan[]; readonly brand: string },
  webhookUrl?: string,
): Wanted => {
  const sold = plans.filter(({ kind, prices }) => kind === 'paid' && prices.length > 0)
  return {
    products: sold.map(({ id, name }) => ({ plan: id, name: `${brand} ${name}` })),
    prices: sold.flatMap(({ id: plan, prices }) =>
      prices.map(({ amount, currency, interval }) => ({
        key: lookupKeyOf({ plan, interval, currency }),
        plan,
        amount,
        currency: currency.toLowerCase(),
        interval,
      })),
    ),
    webhook: webhookUrl === undefined ? undefined : { url: webhookUrl, events: paymentNoticeTypes },
  }
}

/**
 * What owners can do in the portal: change cards and address, see invoices, and cancel at the end of the paid period. They
 * cannot pause, which only we could end, nor change plans, whose limits Stripe cannot know, nor the mail address that finds the
 * customer.
 */
export const wantedFeatures = {
  customer_update: { enabled: true, allowed_updates: ['name', 'address', 'phone', 'tax_id'] },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true, mode: 'at_period_end', proration_behavior: 'none' },
  subscription_pause: { enabled: false },
  subscription_update: { enabled: false },
} satisfies Stripe.BillingPortal.ConfigurationCreateParams.Features

/** Whether a configuration lets owners do this and nothing else. */
export const isAsWanted = (features: Stripe.BillingPortal.Configuration['features']): boolean => {
  const { customer_update, invoice_history, payment_method_update } = features
  const { subscription_cancel, subscription_pause, subscription_update } = features
  const allowed = new Set<string>(customer_update.allowed_updates)
  return (
    customer_update.enabled &&
    allowed.size === wantedFeatures.customer_update.allowed_updates.length &&
    wantedFeatures.customer_update.allowed_updates.every((update) => allowed.has(update)) &&
    invoice_history.enabled &&
    payment_method_update.enabled &&
    subscription_cancel.enabled &&
    subscription_cancel.mode === 'at_period_end' &&
    // Older versions of the API do not have it.
    subscription_pause?.enabled !== true &&
    !subscription_update.enabled
  )
}
