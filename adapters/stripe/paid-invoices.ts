import type { Stripe } from 'stripe'
import type { InvoiceCharge } from './invoice-charges.ts'
import { chargesOf, isRefunded } from './invoice-charges.ts'
import type { PaidInvoice } from './paid-periods.ts'
import { latestPaidPeriod } from './paid-periods.ts'

const linesOf = async (stripe: Stripe, { id, lines }: Stripe.Invoice): Promise<readonly Stripe.InvoiceLineItem[]> => {
  if (!lines.has_more) return lines.data
  const all: Stripe.InvoiceLineItem[] = []
  for await (const line of stripe.invoices.listLineItems(id, { limit: 100 })) all.push(line)
  return all
}

const read = async (
  stripe: Stripe,
  invoice: Stripe.Invoice,
): Promise<PaidInvoice & { readonly amountPaid: number }> => ({
  id: invoice.id,
  createdAt: invoice.created,
  amountPaid: invoice.amount_paid,
  lines: (await linesOf(stripe, invoice)).map(({ amount, period }) => ({ amount, endsAt: period.end })),
})

/** Statuses of a dispute that is over, and was not lost. */
const settled: readonly string[] = ['won', 'warning_closed', 'prevented']

const isDisputed = async (stripe: Stripe, charges: readonly InvoiceCharge[]): Promise<boolean> => {
  for (const { chargeId } of charges.filter(({ wasDisputed }) => wasDisputed)) {
    const { data } = await stripe.disputes.list({ charge: chargeId, limit: 100 })
    if (data.some(({ status }) => !settled.includes(status))) return true
  }
  return false
}

/** A subscription's paid invoices, each asked for its charges once at most. */
export interface PaidInvoices {
  /** The latest end of a period that was paid for and not refunded, in seconds since 1970. */
  readonly paidThrough: () => Promise<number | undefined>
  /** Whether the latest payment is disputed, or was and is lost. */
  readonly isDisputed: () => Promise<boolean>
  /** The charges of each invoice that anything was paid for, the latest first. */
  readonly charges: () => AsyncIterable<readonly InvoiceCharge[]>
}

/** The newest hundred, as they are at this moment. */
export const paidInvoicesOf = async (stripe: Stripe, subscriptionId: string): Promise<PaidInvoices> => {
  const { data } = await stripe.invoices.list({ subscription: subscriptionId, status: 'paid', limit: 100 })
  const invoices = await Promise.all(data.map((invoice) => read(stripe, invoice)))
  const asked = new Map<string, Promise<readonly InvoiceCharge[]>>()
  const charges = (invoiceId: string): Promise<readonly InvoiceCharge[]> => {
    const answer = asked.get(invoiceId) ?? chargesOf(stripe, invoiceId)
    asked.set(invoiceId, answer)
    return answer
  }
  const charged = invoices
    .filter(({ amountPaid }) => amountPaid > 0)
    .toSorted((one, other) => other.createdAt - one.createdAt)
  return {
    paidThrough: async () => {
      let kept: readonly PaidInvoice[] = invoices
      for (let period = latestPaidPeriod(kept); period !== undefined; period = latestPaidPeriod(kept)) {
        const { invoiceId, endsAt } = period
        if (!isRefunded(await charges(invoiceId))) return endsAt
        kept = kept.filter(({ id }) => id !== invoiceId)
      }
      return undefined
    },
    isDisputed: async () => {
      const [latest] = charged
      return latest !== undefined && isDisputed(stripe, await charges(latest.id))
    },
    charges: async function* () {
      for (const { id } of charged) yield await charges(id)
    },
  }
}
