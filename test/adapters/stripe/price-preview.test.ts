import type { Stripe } from 'stripe'
import { expect, it } from 'vitest'
import { previewOf } from '../../../adapters/stripe/subscription-changes.ts'

type Previewed = Parameters<typeof previewOf>[0]

const end = Date.parse('2026-12-27T12:00:00.000Z') / 1000
const line = (amount: number, until = end) => ({ amount, period: { start: end - 86_400, end: until } })
const tax = (amount: number, tax_behavior: 'exclusive' | 'inclusive') => ({ amount, tax_behavior })

const invoice = (lines: readonly object[], taxes: readonly object[] | null, balance = 0): Previewed => {
  const sum = (lines as readonly { amount: number }[]).reduce((total, { amount }) => total + amount, 0)
  const added = ((taxes ?? []) as readonly Stripe.Invoice.TotalTax[])
    .filter(({ tax_behavior }) => tax_behavior === 'exclusive')
    .reduce((total, { amount }) => total + amount, 0)
  const total = sum + added
  const amounts = { total, starting_balance: balance, amount_due: Math.max(0, total + balance), currency: 'eur' }
  return { ...amounts, lines: { data: lines }, total_taxes: taxes } as unknown as Previewed
}

it('tells the sum behind a charge, and the tax that is added to prices', () => {
  const lines = [line(-7900, end + 86_400), line(19_000)]
  expect(previewOf(invoice(lines, [tax(2109, 'exclusive'), tax(5, 'inclusive')]))).toEqual({
    ...{ due: 13_209, credit: 0, currency: 'EUR', charge: 19_000, unused: 7900, tax: 2109 },
    // Of the new time, not of the one that is given back.
    paysUntil: '2026-12-27T12:00:00.000Z',
  })
  expect(previewOf(invoice(lines, [tax(1772, 'inclusive')]))).toMatchObject({ due: 11_100, tax: 0 })
  expect(previewOf(invoice(lines, null))).toMatchObject({ due: 11_100, tax: 0 })
})

it('tells what a smaller price leaves, beside earlier credit', () => {
  const lines = [line(-7900), line(1900)]
  expect(previewOf(invoice(lines, null, -500))).toMatchObject({ due: 0, credit: 6500, charge: 1900, unused: 7900 })
  expect(previewOf(invoice([line(-7900)], null))).toMatchObject({ charge: 0, unused: 7900, paysUntil: undefined })
})
