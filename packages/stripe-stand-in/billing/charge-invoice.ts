import { announceInvoice } from '../announce.ts'
import { chargeObject } from '../objects/charge-object.ts'
import { paymentIntentObject } from '../objects/payment-intent-object.ts'
import type { Charge } from '../records/charge.ts'
import type { Invoice } from '../records/invoice.ts'
import type { PaymentIntent } from '../records/payment-intent.ts'
import type { PaymentMethod } from '../records/payment-method.ts'
import type { Decline } from '../test-cards.ts'
import type { World } from '../world.ts'
import { openDispute } from './open-dispute.ts'
import { settleInvoice } from './settle-invoice.ts'

const intentOf = ({ records }: World, invoice: Invoice): PaymentIntent => {
  const payment = records.invoicePayments
    .list(invoice.customer)
    .find((each) => each.invoice === invoice.id && each.status === 'open')
  if (payment === undefined) throw new Error(`nothing is asked for by the invoice ${invoice.id}`)
  return records.intents.change(payment.paymentIntent, {})
}

const makeCharge = ({ records, newId, now }: World, intent: PaymentIntent, method: PaymentMethod): Charge =>
  records.charges.put({
    id: newId('ch_'),
    created: now,
    customer: intent.customer,
    paymentIntent: intent.id,
    paymentMethod: method.id,
    amount: intent.amount,
    amountRefunded: 0,
    currency: intent.currency,
    description: intent.description,
    metadata: {},
    decline: method.decline,
    isDisputed: false,
  })

const succeed = (world: World, invoice: Invoice, intent: PaymentIntent, charge: Charge): void => {
  const { records, emit } = world
  emit('charge.succeeded', chargeObject(charge))
  const paid = records.intents.change(intent.id, {
    status: 'succeeded',
    amountReceived: intent.amount,
    paymentMethod: charge.paymentMethod,
    latestCharge: charge.id,
    lastError: null,
  })
  emit('payment_intent.succeeded', paymentIntentObject(paid))
  settleInvoice(world, invoice.id)
}

const fail = (world: World, intent: PaymentIntent, charge: Charge, decline: Decline): void => {
  const { records, emit } = world
  emit('charge.failed', chargeObject(charge))
  const failed = records.intents.change(intent.id, {
    latestCharge: charge.id,
    lastError: { decline, charge: charge.id, paymentMethod: charge.paymentMethod },
  })
  emit('payment_intent.payment_failed', paymentIntentObject(failed))
}

export type Attempt =
  | { readonly paid: true }
  | { readonly paid: false; readonly decline: Decline; readonly charge?: string }

const noCard: Decline = {
  code: 'missing_payment_method',
  message: 'This customer has no attached payment source or default payment method.',
}

/**
 * Tries once to collect an open invoice. What a failure means for the subscription is for the caller to say.
 * @param method undefined where the customer has none: then nothing is charged.
 */
export const chargeInvoice = (world: World, open: Invoice, method: PaymentMethod | undefined): Attempt => {
  const invoice = world.records.invoices.change(open.id, { attemptCount: open.attemptCount + 1, isAttempted: true })
  if (method === undefined) {
    announceInvoice(world, 'invoice.payment_failed', invoice)
    return { paid: false, decline: noCard }
  }
  const intent = intentOf(world, invoice)
  const charge = makeCharge(world, intent, method)
  if (charge.decline === null) {
    succeed(world, invoice, intent, charge)
    if (method.disputes) openDispute(world, charge, 'fraudulent')
    return { paid: true }
  }
  fail(world, intent, charge, charge.decline)
  announceInvoice(world, 'invoice.payment_failed', invoice)
  return { paid: false, decline: charge.decline, charge: charge.id }
}
