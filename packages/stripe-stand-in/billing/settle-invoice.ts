import { announceInvoice, changeSubscription } from '../announce.ts'
import { invoicePaymentObject } from '../objects/invoice-payment-object.ts'
import type { Invoice } from '../records/invoice.ts'
import type { World } from '../world.ts'

/** A subscription whose latest invoice is paid runs again, unless it is over. */
const bringBack = (world: World, { id, subscription }: Invoice): void => {
  const { status, latestInvoice } = world.records.subscriptions.change(subscription, {})
  const isBehind = status === 'incomplete' || status === 'past_due' || status === 'unpaid'
  if (isBehind && latestInvoice === id) changeSubscription(world, subscription, { status: 'active' })
}

/** An invoice that is paid, with all that hangs on it. */
export const settleInvoice = (world: World, id: string): Invoice => {
  const { records, now, emit } = world
  const open = records.invoices.change(id, {})
  const paid = records.invoices.change(id, {
    status: 'paid',
    amountPaid: open.amountDue,
    isAttempted: true,
    autoAdvance: false,
    nextAttemptAt: null,
    paidAt: now,
  })
  for (const payment of records.invoicePayments.list(paid.customer)) {
    if (payment.invoice !== id || payment.status !== 'open') continue
    const made = { status: 'paid' as const, amountPaid: payment.amountRequested, paidAt: now }
    emit('invoice_payment.paid', invoicePaymentObject(records.invoicePayments.change(payment.id, made)))
  }
  announceInvoice(world, 'invoice.updated', paid)
  announceInvoice(world, 'invoice.paid', paid)
  announceInvoice(world, 'invoice.payment_succeeded', paid)
  bringBack(world, paid)
  return paid
}
