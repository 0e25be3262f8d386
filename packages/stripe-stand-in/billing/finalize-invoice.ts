import { announceInvoice, changeCustomer } from '../announce.ts'
import { invoiceTotal } from '../objects/invoice-object.ts'
import { paymentIntentObject } from '../objects/payment-intent-object.ts'
import type { Invoice } from '../records/invoice.ts'
import type { World } from '../world.ts'
import { customerOf } from '../world.ts'
import { settleInvoice } from './settle-invoice.ts'

/** What pays for an invoice: an intent, and what connects the two. */
const askForPayment = (world: World, invoice: Invoice): void => {
  const { now, newId, records, emit } = world
  const id = newId('pi_')
  const intent = records.intents.put({
    id,
    created: now,
    customer: invoice.customer,
    amount: invoice.amountDue,
    amountReceived: 0,
    currency: invoice.currency,
    status: 'requires_payment_method',
    description: invoice.billingReason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    metadata: {},
    clientSecret: newId(`${id}_secret_`),
    paymentMethod: null,
    latestCharge: null,
    lastError: null,
    canceledAt: null,
  })
  emit('payment_intent.created', paymentIntentObject(intent))
  records.invoicePayments.put({
    id: newId('inpay_'),
    created: now,
    customer: invoice.customer,
    invoice: invoice.id,
    paymentIntent: id,
    currency: invoice.currency,
    amountRequested: invoice.amountDue,
    amountPaid: null,
    status: 'open',
    paidAt: null,
    canceledAt: null,
  })
}

/** Numbers an invoice and takes the customer's balance into it. What comes to nothing is paid by it. */
export const finalizeInvoice = (world: World, draft: Invoice): Invoice => {
  const { balance, invoicePrefix, nextInvoice } = customerOf(world, draft.customer)
  const total = invoiceTotal(draft) + balance
  const endingBalance = Math.min(0, total)
  changeCustomer(world, draft.customer, { balance: endingBalance, nextInvoice: nextInvoice + 1 })
  const invoice = world.records.invoices.change(draft.id, {
    status: 'open',
    number: `${invoicePrefix}-${String(nextInvoice).padStart(4, '0')}`,
    startingBalance: balance,
    endingBalance,
    amountDue: Math.max(0, total),
    finalizedAt: world.now,
    finalizesAt: null,
  })
  announceInvoice(world, 'invoice.finalized', invoice)
  if (invoice.amountDue === 0) return settleInvoice(world, invoice.id)
  askForPayment(world, invoice)
  return invoice
}
