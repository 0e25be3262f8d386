import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, listEndpoint } from '../api/endpoint.ts'
import { amount, collection, currency, record, seconds } from '../collection.ts'
import { noAddress, nulls } from '../objects.ts'
import type { World } from '../world.ts'
import { declineSchema } from './cards.ts'

const chargeSchema = z.object({
  ...record,
  customer: z.string(),
  paymentIntent: z.string(),
  paymentMethod: z.string(),
  amount,
  amountRefunded: amount,
  currency,
  decline: declineSchema.nullable(),
  /** The bank has not decided yet. */
  isPending: z.boolean().default(false),
  isDisputed: z.boolean(),
})
export type Charge = z.infer<typeof chargeSchema>

export const charges = collection('charge', chargeSchema)

export const requireCharge = finder(charges.get, 'charge')

export const chargeObject = (charge: Charge): Stripe.Charge => {
  const isPaid = charge.decline === null && !charge.isPending
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: isPaid ? charge.amount : 0,
    amount_refunded: charge.amountRefunded,
    billing_details: { address: noAddress, ...nulls('email name phone tax_id') },
    captured: isPaid,
    created: charge.created,
    currency: charge.currency,
    customer: charge.customer,
    disputed: charge.isDisputed,
    failure_code: charge.decline?.code ?? null,
    failure_message: charge.decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: {},
    paid: isPaid,
    payment_intent: charge.paymentIntent,
    payment_method: charge.paymentMethod,
    refunded: isPaid && charge.amountRefunded === charge.amount,
    status: charge.isPending ? 'pending' : isPaid ? 'succeeded' : 'failed',
    ...nulls('application application_fee application_fee_amount balance_transaction calculated_statement_descriptor'),
    ...nulls('description failure_balance_transaction on_behalf_of outcome payment_method_details receipt_email'),
    ...nulls('receipt_number receipt_url review shipping source source_transfer statement_descriptor'),
    ...nulls('statement_descriptor_suffix transfer_data transfer_group'),
  }
}

const ofCustomer = { customer: z.string() }

export const chargeEndpoints = [
  listEndpoint('/v1/charges', 'charge', ofCustomer, {
    find: (world, { customer }) => charges.list(world, customer),
    show: chargeObject,
  }),
  endpoint('GET', '/v1/charges/:id', {}, (world, id) => chargeObject(requireCharge(world, id))),
]

const intentSchema = z.object({
  ...record,
  customer: z.string(),
  amount,
  amountReceived: amount,
  currency,
  status: z.enum(['requires_payment_method', 'requires_action', 'processing', 'succeeded', 'canceled']),
  paymentMethod: z.string().nullable(),
  latestCharge: z.string().nullable(),
  canceledAt: seconds.nullable(),
})
type PaymentIntent = z.infer<typeof intentSchema>

export const intents = collection('payment intent', intentSchema)

/** An intent that nothing was paid on yet. */
export const createIntent = (
  world: World,
  given: Pick<PaymentIntent, 'customer' | 'currency' | 'amount'>,
): PaymentIntent =>
  intents.create(world, 'pi_', {
    ...given,
    amountReceived: 0,
    status: 'requires_payment_method',
    ...{ paymentMethod: null, latestCharge: null, canceledAt: null },
  })

/** Why the latest attempt failed; null after a success. */
const lastErrorOf = (world: World, { latestCharge }: PaymentIntent): Stripe.PaymentIntent.LastPaymentError | null => {
  const decline = latestCharge === null ? null : charges.require(world, latestCharge).decline
  if (decline === null) return null
  const { code, declineCode, message } = decline
  return { type: 'card_error', code, message, ...(declineCode === undefined ? {} : { decline_code: declineCode }) }
}

export const paymentIntentObject = (world: World, intent: PaymentIntent): Stripe.PaymentIntent => ({
  id: intent.id,
  object: 'payment_intent',
  amount: intent.amount,
  amount_capturable: 0,
  amount_details: { tip: {} },
  amount_received: intent.amountReceived,
  canceled_at: intent.canceledAt,
  cancellation_reason: intent.status === 'canceled' ? 'void_invoice' : null,
  capture_method: 'automatic',
  confirmation_method: 'automatic',
  created: intent.created,
  currency: intent.currency,
  customer: intent.customer,
  last_payment_error: lastErrorOf(world, intent),
  latest_charge: intent.latestCharge,
  livemode: false,
  metadata: {},
  payment_method: intent.paymentMethod,
  payment_method_options: {},
  payment_method_types: ['card'],
  setup_future_usage: 'off_session',
  status: intent.status,
  ...nulls('allowed_payment_method_types application application_fee_amount automatic_payment_methods client_secret'),
  ...nulls('customer_account description excluded_payment_method_types managed_payments'),
  ...nulls('next_action on_behalf_of payment_method_configuration_details payment_record processing receipt_email'),
  ...nulls('review shipping source statement_descriptor statement_descriptor_suffix transfer_data transfer_group'),
})

export const paymentIntentEndpoints = [
  listEndpoint('/v1/payment_intents', 'payment_intent', ofCustomer, {
    find: (world, { customer }) => intents.list(world, customer),
    show: (intent, world) => paymentIntentObject(world, intent),
  }),
]
