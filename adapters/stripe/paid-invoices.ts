import type { Stripe } from 'stripe'
import type { CustomerCharges, InvoiceCharge } from './charges.ts'
import { chargesAmong, chargesOf, isRefunded } from './charges.ts'
import { idOf } from './ours.ts'

const linesOf = async (stripe: Stripe, { id, lines }: Stripe.Invoice): Promise<readonly Stripe.InvoiceLineItem[]> => {
  if (!lines.has_more) return lines.data
  const all: Stripe.InvoiceLineItem[] = []
  for await (const line of stripe.invoices.listLineItems(id, { limit: 100 })) all.push(line)
  return all
}

interface ReadInvoice extends PaidInvoice {
  readonly amountPaid: number
  readonly customerId: string | undefined
  readonly payments: Stripe.Invoice['payments']
}

const read = async (stripe: Stripe, invoice: Stripe.Invoice): Promise<ReadInvoice> => ({
  id: invoice.id,
  createdAt: invoice.created,
  amountPaid: invoice.amount_paid,
  customerId: invoice.customer === null ? undefined : idOf(invoice.customer),
  payments: invoice.payments,
  lines: (await linesOf(stripe, invoice)).map(({ amount, period }) => ({ amount, endsAt: period.end })),
})

/** Statuses of a dispute that waits for an answer or for a bank. */
const open: readonly string[] = ['needs_response', 'under_review', 'warning_needs_response', 'warning_under_review']

/** A charge stays marked after a dispute, whatever its outcome. */
const hasOpenDispute = async (stripe: Stripe, { chargeId, wasDisputed }: InvoiceCharge): Promise<boolean> => {
  if (!wasDisputed) return false
  const { data } = await stripe.disputes.list({ charge: chargeId, limit: 100 })
  return data.some(({ status }) => open.includes(status))
}

/** The newest hundred, as they are at this moment. */
export const paidInvoicesOf = async (stripe: Stripe, subscriptionId: string, customerCharges: CustomerCharges) => {
  const { data } = await stripe.invoices.list({
    subscription: subscriptionId,
    status: 'paid',
    limit: 100,
    expand: ['data.payments'],
  })
  const invoices = await Promise.all(data.map((invoice) => read(stripe, invoice)))
  const asked = new Map<string, Promise<readonly InvoiceCharge[]>>()
  const among = async ({ customerId, payments }: ReadInvoice): Promise<readonly InvoiceCharge[] | undefined> =>
    customerId === undefined ? undefined : chargesAmong(await customerCharges(customerId), payments)
  const load = async (invoice: ReadInvoice): Promise<readonly InvoiceCharge[]> =>
    (await among(invoice)) ?? chargesOf(stripe, invoice.id)
  const charges = (invoice: ReadInvoice): Promise<readonly InvoiceCharge[]> => {
    const answer = asked.get(invoice.id) ?? load(invoice)
    asked.set(invoice.id, answer)
    return answer
  }
  const charged = invoices
    .filter(({ amountPaid }) => amountPaid > 0)
    .toSorted((one, other) => other.createdAt - one.createdAt)
  return {
    /** The latest end of a period that was paid for and not refunded, in seconds since 1970. */
    paidThrough: async (): Promise<number | undefined> => {
      let kept: readonly ReadInvoice[] = invoices
      for (let period = latestPaidPeriod(kept); period !== undefined; period = latestPaidPeriod(kept)) {
        const { invoiceId, endsAt } = period
        const invoice = kept.find(({ id }) => id === invoiceId)
        if (invoice === undefined || !isRefunded(await charges(invoice))) return endsAt
        kept = kept.filter(({ id }) => id !== invoiceId)
      }
      return undefined
    },
    /** Whether a payment of it is disputed, whichever, and that is not decided. */
    isDisputed: async (): Promise<boolean> => {
      for (const [index, invoice] of charged.entries()) {
        // Charges that are not in the customer's list are read one by one, for the latest invoice only.
        for (const charge of (index === 0 ? await charges(invoice) : await among(invoice)) ?? []) {
          if (await hasOpenDispute(stripe, charge)) return true
        }
      }
      return false
    },
    /** The charges of each invoice that anything was paid for, the latest first; of those for time after an instant, in seconds since 1970. */
    charges: async function* (beyond = 0) {
      for (const invoice of charged) {
        if (invoice.lines.some(({ endsAt }) => endsAt > beyond)) yield await charges(invoice)
      }
    },
  }
}

/** A paid invoice, as far as it says what was paid for. Instants in seconds since 1970. */
export interface PaidInvoice {
  readonly id: string
  readonly createdAt: number
  readonly lines: readonly { readonly amount: number; readonly endsAt: number }[]
}

export interface PaidPeriod {
  readonly invoiceId: string
  readonly endsAt: number
}

/** The ends of an invoice's periods; a negative line refunds an earlier invoice's charge until the same moment. */
const endsOf = ({ lines }: PaidInvoice, isKept: (endsAt: number) => boolean): readonly number[] =>
  lines.flatMap(({ amount, endsAt }) => (amount >= 0 && isKept(endsAt) ? [endsAt] : []))

/**
 * The latest end of a period that was paid for and that no later invoice credited. A move to monthly payments credits the
 * unused months of a year.
 */
export const latestPaidPeriod = (invoices: readonly PaidInvoice[]): PaidPeriod | undefined => {
  const credited = new Set<number>()
  let latest: PaidPeriod | undefined
  for (const invoice of invoices.toSorted((one, other) => other.createdAt - one.createdAt)) {
    for (const endsAt of endsOf(invoice, (end) => !credited.has(end))) {
      if (latest === undefined || endsAt > latest.endsAt) latest = { invoiceId: invoice.id, endsAt }
    }
    for (const { amount, endsAt } of invoice.lines) if (amount < 0) credited.add(endsAt)
  }
  return latest
}
