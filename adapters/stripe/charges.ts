import type { Stripe } from 'stripe'

/** More than a customer has in years, failed attempts included; ten requests. */
const maxCharges = 1000

interface DisputedCharge {
  readonly id: string
  /** A dispute waits for an answer or for a bank. */
  readonly isOpen: boolean
  /** What lost disputes took back, in minor units. A chargeback of a direct debit is lost when it is made. */
  readonly lost: number
}

/** Any other status is undecided, also one that is new at Stripe. */
const decided: ReadonlySet<string> = new Set(['lost', 'prevented', 'warning_closed', 'won'])

export const disputesOf = async (
  stripe: Stripe,
  { id, disputed }: Pick<Stripe.Charge, 'id' | 'disputed'>,
): Promise<DisputedCharge> => {
  // A charge stays marked after a dispute, whatever its outcome.
  const disputes = disputed ? (await stripe.disputes.list({ charge: id, limit: 100 })).data : []
  return {
    id,
    isOpen: disputes.some(({ status }) => !decided.has(status)),
    lost: sumOf(disputes.filter(({ status }) => status === 'lost').map(({ amount }) => amount)),
  }
}

/** A customer's charges with a dispute that is undecided or lost. */
export type DisputedCharges = (customerId: string) => Promise<readonly DisputedCharge[]>

/**
 * Lists every charge of a customer, because a dispute may concern a payment of months ago. Caches each customer, so use it for
 * one check only.
 */
export const checkDisputes = (stripe: Stripe): DisputedCharges => {
  const load = async (customer: string): Promise<readonly DisputedCharge[]> => {
    const found: DisputedCharge[] = []
    const listed = stripe.charges.list({ customer, limit: 100 })
    for (const charge of await listed.autoPagingToArray({ limit: maxCharges })) {
      const one = await disputesOf(stripe, charge)
      if (one.isOpen || one.lost > 0) found.push(one)
    }
    return found
  }
  const asked = new Map<string, ReturnType<DisputedCharges>>()
  return (customerId) => {
    const answer = asked.get(customerId) ?? load(customerId)
    asked.set(customerId, answer)
    return answer
  }
}

/** The object in an expanded field. */
const shown = <Item extends object>(item: string | Item | null, what: string): Item | undefined => {
  if (typeof item === 'string') throw new Error(`Stripe named the ${what} of a payment, and did not show it.`)
  return item ?? undefined
}

/** Stripe only names a charge that was made without an intent. */
const chargeOf = async (
  stripe: Stripe,
  { payment_intent: intent, charge }: Stripe.InvoicePayment.Payment,
): Promise<Stripe.Charge | undefined> => {
  if (intent !== undefined) return shown(shown(intent, 'intent')?.latest_charge ?? null, 'charge')
  return typeof charge === 'string' ? stripe.charges.retrieve(charge) : charge
}

/** The newest hundred paid invoices of a subscription. */
export const paidInvoicesOf = async (stripe: Stripe, subscription: string): Promise<readonly Stripe.Invoice[]> =>
  (await stripe.invoices.list({ subscription, status: 'paid', limit: 100 })).data

/** Yields the charges that paid invoices. Nothing was charged for free ones. */
export async function* chargesOf(stripe: Stripe, invoices: readonly Stripe.Invoice[]): AsyncGenerator<Stripe.Charge> {
  for (const { id: invoice } of invoices.filter(({ amount_paid }) => amount_paid > 0)) {
    const expand = ['data.payment.payment_intent.latest_charge']
    const { data } = await stripe.invoicePayments.list({ invoice, status: 'paid', limit: 100, expand })
    for (const { payment } of data) {
      const charge = await chargeOf(stripe, payment)
      if (charge !== undefined) yield charge
    }
  }
}

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0)

/** Whether Stripe passes nothing on by a refund, or it came back to us. */
const hasFailed = ({ status }: Pick<Stripe.Refund, 'status'>): boolean => status === 'failed' || status === 'canceled'

/** What of a charge was refunded, in minor units. Stripe may count a refund that a bank returned later. */
export const refundedOf = async (stripe: Stripe, { id, amount_refunded }: Stripe.Charge): Promise<number> => {
  if (amount_refunded === 0) return 0
  const { refunds } = await stripe.charges.retrieve(id, { expand: ['refunds'] })
  if (refunds === null || refunds === undefined || refunds.has_more) return amount_refunded
  const passedOn = refunds.data.filter((refund) => !hasFailed(refund)).map(({ amount }) => amount)
  return Math.min(amount_refunded, sumOf(passedOn))
}
