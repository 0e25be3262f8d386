import type Stripe from 'stripe'
import type { PaymentIntent } from '../records/payment-intent.ts'

type LastError = NonNullable<Stripe.PaymentIntent['last_payment_error']>

const lastErrorOf = ({ lastError }: PaymentIntent): LastError | null =>
  lastError === null
    ? null
    : {
        charge: lastError.charge,
        code: 'card_declined',
        ...(lastError.decline.declineCode === undefined ? {} : { decline_code: lastError.decline.declineCode }),
        message: lastError.decline.message,
        type: 'card_error',
      }

export const paymentIntentObject = (intent: PaymentIntent): Stripe.PaymentIntent => ({
  id: intent.id,
  object: 'payment_intent',
  allowed_payment_method_types: null,
  amount: intent.amount,
  amount_capturable: 0,
  amount_details: { tip: {} },
  amount_received: intent.amountReceived,
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: null,
  canceled_at: intent.canceledAt,
  cancellation_reason: intent.status === 'canceled' ? 'void_invoice' : null,
  capture_method: 'automatic',
  client_secret: intent.clientSecret,
  confirmation_method: 'automatic',
  created: intent.created,
  currency: intent.currency,
  customer: intent.customer,
  customer_account: null,
  description: intent.description,
  excluded_payment_method_types: null,
  last_payment_error: lastErrorOf(intent),
  latest_charge: intent.latestCharge,
  livemode: false,
  managed_payments: null,
  metadata: intent.metadata,
  next_action: null,
  on_behalf_of: null,
  payment_method: intent.paymentMethod,
  payment_method_configuration_details: null,
  payment_method_options: {},
  payment_method_types: ['card'],
  payment_record: null,
  processing: null,
  receipt_email: null,
  review: null,
  setup_future_usage: 'off_session',
  shipping: null,
  source: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: intent.status,
  transfer_data: null,
  transfer_group: null,
})
