import type { Stripe } from 'stripe'

/**
 * What owners do for themselves in the portal: cards, invoices, their address, and an end with the period that is paid for.
 * No pause, which only we take up again. Not another plan, whose limits Stripe cannot know, and not another mail address, by
 * which the customer is found.
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
