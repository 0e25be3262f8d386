import type Stripe from 'stripe'
import type { PortalConfiguration } from '../records/portal-configuration.ts'

export const portalConfigurationObject = (configuration: PortalConfiguration): Stripe.BillingPortal.Configuration => ({
  id: configuration.id,
  object: 'billing_portal.configuration',
  active: configuration.active,
  application: null,
  business_profile: {
    headline: configuration.headline,
    privacy_policy_url: configuration.privacyPolicyUrl,
    terms_of_service_url: configuration.termsOfServiceUrl,
  },
  created: configuration.created,
  default_return_url: configuration.defaultReturnUrl,
  features: {
    customer_update: { allowed_updates: configuration.customerUpdates, enabled: configuration.changesCustomer },
    invoice_history: { enabled: configuration.showsInvoices },
    payment_method_update: { enabled: configuration.changesCard, payment_method_configuration: null },
    subscription_cancel: {
      cancellation_reason: {
        enabled: configuration.asksReason,
        options: configuration.reasons,
        feedback_options: null,
      },
      enabled: configuration.cancels,
      mode: configuration.cancelsWhen,
      proration_behavior: configuration.cancelProration,
    },
    subscription_pause: {
      duration: { interval_options: [{ interval: 'month', interval_count: 1 }], type: 'interval_options' },
      enabled: false,
    },
    subscription_update: {
      billing_cycle_anchor: null,
      default_allowed_updates: [],
      enabled: configuration.changesPlan,
      proration_behavior: configuration.planProration,
      schedule_at_period_end: { conditions: [] },
      trial_update_behavior: 'end_trial',
    },
  },
  is_default: configuration.isDefault,
  livemode: false,
  login_page: { enabled: false, url: null },
  metadata: configuration.metadata,
  name: configuration.name,
  updated: configuration.updated,
})
