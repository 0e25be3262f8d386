import type { Stripe } from 'stripe'
import { idOf } from './id-of.ts'

/** One payment of an invoice, as its charge stands now. */
export interface InvoiceCharge {
  readonly chargeId: string
  /** Absent where the charge was made without one. */
  readonly paymentIntentId: string | undefined
  /** Integer minor units. */
  readonly taken: number
  readonly refunded: number
  readonly currency: string
  readonly wasDisputed: boolean
}

/** What an expanded field shows. */
const shown = <Thing extends object>(thing: string | Thing | null, what: string): Thing | undefined => {
  if (typeof thing === 'string') throw new Error(`Stripe named the ${what} of a payment, and did not show it.`)
  return thing ?? undefined
}

/** A charge that was made without an intent is only named: asking for it where there is none might be refused. */
const chargeOf = async (
  stripe: Stripe,
  { payment_intent: intent, charge }: Stripe.InvoicePayment.Payment,
): Promise<Stripe.Charge | undefined> => {
  if (intent !== undefined) return shown(shown(intent, 'intent')?.latest_charge ?? null, 'charge')
  return typeof charge === 'string' ? stripe.charges.retrieve(charge) : charge
}

const read = (charge: Stripe.Charge): InvoiceCharge => ({
  chargeId: charge.id,
  paymentIntentId: charge.payment_intent === null ? undefined : idOf(charge.payment_intent),
  taken: charge.amount_captured,
  refunded: charge.amount_refunded,
  currency: charge.currency.toUpperCase(),
  wasDisputed: charge.disputed,
})

/**
 * What was charged for an invoice. Nothing where it was paid from a balance, by a promotion code or outside of Stripe.
 * Four levels are the most that Stripe expands, so it cannot be had together with the invoices.
 */
export const chargesOf = async (stripe: Stripe, invoiceId: string): Promise<readonly InvoiceCharge[]> => {
  const { data } = await stripe.invoicePayments.list({
    invoice: invoiceId,
    status: 'paid',
    limit: 100,
    expand: ['data.payment.payment_intent.latest_charge'],
  })
  const charges = await Promise.all(data.map(({ payment }) => chargeOf(stripe, payment)))
  return charges.filter((charge) => charge !== undefined).map(read)
}

/** Whether nothing of what was charged is left with us. */
export const isRefunded = (charges: readonly InvoiceCharge[]): boolean =>
  charges.length > 0 && charges.every(({ taken, refunded }) => taken > 0 && refunded >= taken)
