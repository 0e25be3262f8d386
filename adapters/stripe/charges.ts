import type { Stripe } from 'stripe'
import { idOf } from './ours.ts'

/** More than a customer has in years, failed attempts included; ten requests. */
const mostCharges = 1000

/** The charges of customers that were paid, with their refunds, by their payment intents. */
export type CustomerCharges = (customerId: string) => Promise<ReadonlyMap<string, Stripe.Charge>>

/**
 * Lists every charge of a customer in one request: a dispute or refund may concern a payment of months ago. Caches each
 * customer, so use it for one check only.
 */
export const lookAtCharges = (stripe: Stripe): CustomerCharges => {
  const load = async (customer: string): Promise<ReadonlyMap<string, Stripe.Charge>> => {
    const found = new Map<string, Stripe.Charge>()
    const listed = stripe.charges.list({ customer, limit: 100, expand: ['data.refunds'] })
    for (const charge of await listed.autoPagingToArray({ limit: mostCharges })) {
      if (charge.paid && charge.payment_intent !== null) found.set(idOf(charge.payment_intent), charge)
    }
    return found
  }
  const asked = new Map<string, ReturnType<CustomerCharges>>()
  return (customerId) => {
    const answer = asked.get(customerId) ?? load(customerId)
    asked.set(customerId, answer)
    return answer
  }
}

/** One payment of an invoice, as its charge stands now. */
export interface InvoiceCharge {
  readonly chargeId: string
  /** Absent where the charge was made without one. */
  readonly paymentIntentId: string | undefined
  /** Integer minor units. */
  readonly taken: number
  /** Without failed refunds. */
  readonly refunded: number
  /** The bank could not pass a refund on: another one would end in the same way. */
  readonly hasFailedRefund: boolean
  readonly currency: string
  readonly wasDisputed: boolean
}

/** The object in an expanded field. */
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

/** Whether nothing goes back by it, or went back to us once more. */
export const hasFailed = ({ status }: Pick<Stripe.Refund, 'status'>): boolean =>
  status === 'failed' || status === 'canceled'

const refundedOf = ({ amount_refunded, refunds }: Stripe.Charge): number => {
  if (refunds === null || refunds === undefined || refunds.has_more) return amount_refunded
  const passedOn = refunds.data.filter((refund) => !hasFailed(refund))
  return Math.min(
    amount_refunded,
    passedOn.reduce((sum, { amount }) => sum + amount, 0),
  )
}

const read = (charge: Stripe.Charge): InvoiceCharge => ({
  chargeId: charge.id,
  paymentIntentId: charge.payment_intent === null ? undefined : idOf(charge.payment_intent),
  taken: charge.amount_captured,
  refunded: refundedOf(charge),
  hasFailedRefund: charge.refunds?.data.some(hasFailed) ?? false,
  currency: charge.currency.toUpperCase(),
  wasDisputed: charge.disputed,
})

/**
 * The charges of an invoice among its customer's charges. @param payments the invoice's own list of them.
 * @returns undefined where one is missing: it was made without an intent, or very long ago.
 */
export const chargesAmong = (
  charges: ReadonlyMap<string, Stripe.Charge>,
  payments: Stripe.Invoice['payments'],
): readonly InvoiceCharge[] | undefined => {
  if (payments === undefined || payments.has_more) return undefined
  const found: InvoiceCharge[] = []
  for (const { status, payment } of payments.data) {
    if (status !== 'paid') continue
    const intent = payment.payment_intent
    const charge = intent === undefined ? undefined : charges.get(idOf(intent))
    if (charge === undefined) return undefined
    found.push(read(charge))
  }
  return found
}

/**
 * Requests the charges of one invoice, without refunds; empty if a balance, a promotion code or something outside of Stripe
 * paid it. Stripe expands four levels at most, so this cannot come with the invoices.
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
