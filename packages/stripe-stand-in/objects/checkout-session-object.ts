import type Stripe from 'stripe'
import type { CheckoutSession } from '../records/checkout-session.ts'
import type { World } from '../world.ts'

const noTexts = { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null }

/** What it comes to; nothing else is sold here, and no tax is worked out. */
const totalOf = ({ records }: World, { price, quantity }: CheckoutSession): number =>
  (records.prices.get(price)?.unitAmount ?? 0) * quantity

const emailOf = ({ records }: World, { customer, customerEmail }: CheckoutSession): string | null =>
  customerEmail ?? records.customers.get(customer ?? '')?.email ?? null

/** What it has only while it is open, or only once it is complete. */
const outcomeOf = (world: World, session: CheckoutSession) => {
  const isComplete = session.status === 'complete'
  return {
    customer_details:
      session.customer === null && !isComplete
        ? null
        : {
            address: null,
            business_name: null,
            email: emailOf(world, session),
            individual_name: null,
            name: null,
            phone: null,
            tax_exempt: 'none' as const,
            tax_ids: null,
          },
    invoice: isComplete ? session.invoice : null,
    payment_status: isComplete ? ('paid' as const) : ('unpaid' as const),
    subscription: isComplete ? session.subscription : null,
    url: session.status === 'open' ? `${world.address}/pay/${session.id}` : null,
  }
}

export const checkoutSessionObject = (world: World, session: CheckoutSession): Stripe.Checkout.Session => ({
  id: session.id,
  object: 'checkout.session',
  adaptive_pricing: null,
  after_expiration: null,
  allow_promotion_codes: session.allowsPromotionCodes,
  allowed_payment_method_types: null,
  amount_subtotal: totalOf(world, session),
  amount_total: totalOf(world, session),
  automatic_tax: {
    enabled: session.hasAutomaticTax,
    liability: session.hasAutomaticTax ? { type: 'self' } : null,
    provider: session.hasAutomaticTax ? 'stripe' : null,
    status: session.hasAutomaticTax ? 'complete' : null,
  },
  billing_address_collection: session.billingAddressCollection,
  cancel_url: session.cancelUrl,
  client_reference_id: session.clientReferenceId,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  created: session.created,
  currency: session.currency,
  currency_conversion: null,
  custom_fields: [],
  custom_text: noTexts,
  customer: session.customer,
  customer_account: null,
  customer_creation: session.customer === null ? 'always' : null,
  customer_email: session.customerEmail,
  discounts: [],
  expires_at: session.expiresAt,
  integration_identifier: null,
  invoice_creation: null,
  livemode: false,
  locale: null,
  managed_payments: null,
  metadata: session.metadata,
  mode: 'subscription',
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_collection: 'always',
  payment_method_configuration_details: null,
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
  payment_method_types: ['card'],
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  saved_payment_method_options: {
    allow_redisplay_filters: ['always'],
    payment_method_remove: 'disabled',
    payment_method_save: null,
  },
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: session.status,
  submit_type: null,
  success_url: session.successUrl,
  tax_id_collection: { enabled: session.collectsTaxIds, required: 'never' },
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page',
  wallet_options: null,
  ...outcomeOf(world, session),
})
