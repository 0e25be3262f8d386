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

/** Of what an invoice charges for; a negative line gives back what an earlier invoice charged for until that very moment. */
const endsOf = ({ lines }: PaidInvoice, isKept: (endsAt: number) => boolean): readonly number[] =>
  lines.flatMap(({ amount, endsAt }) => (amount >= 0 && isKept(endsAt) ? [endsAt] : []))

/**
 * The latest end of a period that was paid for and not credited by a later invoice, as the unused months of a year are when
 * a subscription moves to monthly payments.
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
