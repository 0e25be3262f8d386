import { expect, it } from 'vitest'
import type { PaidInvoice } from '../../../adapters/stripe/paid-invoices.ts'
import { latestPaidPeriod } from '../../../adapters/stripe/paid-invoices.ts'

const invoice = (createdAt: number, ...lines: readonly (readonly [amount: number, endsAt: number])[]): PaidInvoice => ({
  id: `in_${createdAt}`,
  createdAt,
  lines: lines.map(([amount, endsAt]) => ({ amount, endsAt })),
})

it.each<[string, readonly PaidInvoice[], number | undefined]>([
  ['nothing was paid', [], undefined],
  ['a month was paid', [invoice(1, [1900, 31])], 31],
  ['months were paid, whatever order they come in', [invoice(1, [1900, 31]), invoice(31, [1900, 61])], 61],
  ['a free month was given', [invoice(1, [0, 31])], 31],
  ['a larger plan was taken within the month', [invoice(10, [-1200, 31], [5000, 31]), invoice(1, [1900, 31])], 31],
  [
    'a larger plan was taken twice',
    [invoice(1, [19, 31]), invoice(10, [-12, 31], [50, 31]), invoice(20, [-25, 31], [90, 31])],
    31,
  ],
  ['a year was given back for months', [invoice(1, [19_000, 366]), invoice(40, [-17_000, 366], [1900, 70])], 70],
  ['months were given back for a year', [invoice(1, [1900, 31]), invoice(10, [-1200, 31], [19_000, 375])], 375],
  ['all was given back', [invoice(1, [1900, 31]), invoice(10, [-1200, 31])], undefined],
])('where %s, it is known through when', (_, invoices, expected) => {
  expect(latestPaidPeriod(invoices)?.endsAt).toBe(expected)
  expect(latestPaidPeriod(invoices.toReversed())?.endsAt).toBe(expected)
})
