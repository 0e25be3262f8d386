/**
 * All that stripe-mock's description of the API is known to differ in from what we use. stripe-mock v0.203.0 describes a
 * version before the one that the client is made for: what has come or gone since is listed here, and nothing else may differ.
 */

/** What `stripe-mock` describes; it does not know a later one in what it is asked. */
export const describedVersion = '2026-08-26.dahlia'

/**
 * Places in objects, `<object>.<field>`, that the client's types promise, so that the stand-in has them, and that the
 * description leaves out: some are newer than it, some are older than it cares to show.
 */
export const knownDifferences: readonly string[] = [
  'billing_portal.configuration.features.subscription_pause',
  'charge.source',
  'checkout.session.allowed_payment_method_types',
  'dispute.evidence_details.submission_method',
  'dispute.intended_submission_method',
  'payment_intent.payment_record',
  'payment_intent.source',
  'price.recurring.trial_period_days',
  'product.tax_details',
  'product.type',
  'subscription.pending_update.cancel_at_period_end',
  'subscription.trial_settings.end_behavior.billing_cycle_anchor',
  'subscription_item.current_trial',
  'subscription_item.plan',
]
