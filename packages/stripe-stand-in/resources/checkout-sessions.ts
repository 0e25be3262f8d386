import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, flag, mergeMetadata, metadataParameter, text } from '../api/endpoint.ts'
import { collection, currency, metadata, record, seconds } from '../collection.ts'
import { invalidRequest } from '../fault.ts'
import { nulls } from '../objects.ts'
import type { World } from '../world.ts'
import { customers, requireCustomer } from './customers.ts'
import { prices, requireActivePrice } from './prices.ts'
import { isOver, subscriptions } from './subscriptions.ts'

const daySeconds = 86_400

const sessionSchema = z.object({
  ...record,
  expiresAt: seconds,
  status: z.enum(['open', 'complete', 'expired']),
  customer: z.string(),
  clientReferenceId: z.string().nullable(),
  price: z.string(),
  currency,
  metadata,
  subscriptionMetadata: metadata,
  subscriptionDescription: z.string().nullable().default(null),
  successUrl: z.string(),
  cancelUrl: z.string().nullable(),
  allowsPromotionCodes: z.boolean().nullable(),
  /** What it was paid with. */
  paymentMethod: z.string().nullable(),
  /** When the bank decides about a direct debit; null if there is nothing to decide. */
  decidesAt: seconds.nullable(),
  /** Whether the bank has declined. */
  hasFailed: z.boolean(),
  /** Made once it is paid. */
  subscription: z.string().nullable(),
  invoice: z.string().nullable(),
})
export type CheckoutSession = z.infer<typeof sessionSchema>

export const sessions = collection('checkout session', sessionSchema, ({ status, expiresAt, decidesAt }) =>
  status === 'open' ? expiresAt : (decidesAt ?? undefined),
)

export const requireSession = finder(sessions.get, 'checkout.session')

export const checkoutSessionObject = (world: World, session: CheckoutSession): Stripe.Checkout.Session => {
  const isComplete = session.status === 'complete'
  const isPaid = isComplete && session.decidesAt === null && !session.hasFailed
  const { unitAmount } = prices.require(world, session.price)
  return {
    id: session.id,
    object: 'checkout.session',
    allow_promotion_codes: session.allowsPromotionCodes,
    amount_subtotal: unitAmount,
    amount_total: unitAmount,
    automatic_tax: { enabled: false, ...nulls('liability provider status') },
    cancel_url: session.cancelUrl,
    client_reference_id: session.clientReferenceId,
    created: session.created,
    currency: session.currency,
    custom_fields: [],
    custom_text: nulls('after_submit shipping_address submit terms_of_service_acceptance'),
    customer: session.customer,
    customer_details: {
      email: customers.require(world, session.customer).email,
      tax_exempt: 'none',
      ...nulls('address business_name individual_name name phone tax_ids'),
    },
    discounts: [],
    expires_at: session.expiresAt,
    invoice: isComplete ? session.invoice : null,
    livemode: false,
    metadata: session.metadata,
    mode: 'subscription',
    payment_method_collection: 'always',
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: session.currency === 'eur' ? ['card', 'sepa_debit'] : ['card'],
    payment_status: isPaid ? 'paid' : 'unpaid',
    phone_number_collection: { enabled: false },
    saved_payment_method_options: {
      allow_redisplay_filters: ['always'],
      payment_method_remove: 'disabled',
      payment_method_save: null,
    },
    shipping_options: [],
    status: session.status,
    subscription: isComplete ? session.subscription : null,
    success_url: session.successUrl,
    tax_id_collection: { enabled: false, required: 'never' },
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: session.status === 'open' ? `${world.address}/pay/${session.id}` : null,
    ...nulls('adaptive_pricing after_expiration allowed_payment_method_types billing_address_collection client_secret'),
    ...nulls('collected_information consent consent_collection currency_conversion customer_account'),
    ...nulls('customer_creation customer_email integration_identifier invoice_creation locale managed_payments'),
    ...nulls('origin_context payment_intent payment_link payment_method_configuration_details permissions'),
    ...nulls('recovered_from setup_intent shipping_address_collection shipping_cost submit_type wallet_options'),
  }
}

/**
 * A customer has one currency at a time: https://docs.stripe.com/billing/customer#currency
 * @throws {StripeFault} if the customer has a subscription in another one.
 */
export const requireOneCurrency = (world: World, customer: string, wanted: string): void => {
  const other = subscriptions
    .list(world, customer)
    .find((subscription) => !isOver(subscription) && subscription.currency !== wanted)
  if (other === undefined) return
  throw invalidRequest(
    'You cannot combine currencies on a single customer. ' +
      `This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${other.currency}`,
  )
}

const createParameters = {
  mode: z.literal('subscription', 'the stand-in sells subscriptions only'),
  line_items: z.tuple(
    [z.strictObject({ price: text, quantity: z.literal('1', 'the stand-in sells one of a price') })],
    'the stand-in sells one price at a time',
  ),
  customer: text,
  client_reference_id: text.optional(),
  success_url: z.url(),
  cancel_url: z.url().optional(),
  metadata: metadataParameter.optional(),
  subscription_data: z
    .strictObject({ metadata: metadataParameter.optional(), description: text.max(500).optional() })
    .optional(),
  allow_promotion_codes: flag.optional(),
}

const create = (world: World, _id: string, given: z.output<z.ZodObject<typeof createParameters>>): object => {
  const price = requireActivePrice(world, given.line_items[0].price, 'line_items[0][price]')
  requireCustomer(world, given.customer, 'customer')
  requireOneCurrency(world, given.customer, price.currency)
  const session = sessions.create(world, 'cs_test_', {
    expiresAt: world.now + daySeconds,
    status: 'open',
    customer: given.customer,
    clientReferenceId: given.client_reference_id ?? null,
    price: price.id,
    currency: price.currency,
    metadata: mergeMetadata({}, given.metadata),
    subscriptionMetadata: mergeMetadata({}, given.subscription_data?.metadata),
    subscriptionDescription: given.subscription_data?.description ?? null,
    successUrl: given.success_url,
    cancelUrl: given.cancel_url ?? null,
    allowsPromotionCodes: given.allow_promotion_codes ?? null,
    ...{ paymentMethod: null, decidesAt: null, hasFailed: false, subscription: null, invoice: null },
  })
  return checkoutSessionObject(world, session)
}

export const expireSession = (world: World, id: string): object => {
  const expired = checkoutSessionObject(world, sessions.change(world, id, { status: 'expired' }))
  world.emit('checkout.session.expired', expired)
  return expired
}

export const checkoutSessionEndpoints = [
  endpoint('POST', '/v1/checkout/sessions', createParameters, create),
  endpoint('GET', '/v1/checkout/sessions/:id', {}, (world, id) =>
    checkoutSessionObject(world, requireSession(world, id)),
  ),
  endpoint('POST', '/v1/checkout/sessions/:id/expire', {}, (world, id) => {
    const { status } = requireSession(world, id)
    if (status === 'open') return expireSession(world, id)
    throw invalidRequest(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${status}\`.`,
    )
  }),
]
