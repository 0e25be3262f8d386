import { expect, test } from 'vitest'

interface SayBilling {
  billingText: (billing: object, now: string) => string
  dueText: (billing: object, now: string) => string
}
const load = <Module>(name: string): Promise<Module> => import(new URL(`../../web/${name}`, import.meta.url).href)
const { billingText, dueText } = await load<SayBilling>('say-billing.js')
const { sayInstant } = await load<{ sayInstant: (instant: string) => string }>('say-instant.js')

const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`
const paid = {
  state: 'active',
  plan: 'starter',
  interval: 'month',
  currency: 'EUR',
  paidThrough: noon(20),
  cancelsAtPeriodEnd: false,
  pastDueSince: null,
  graceEndsAt: null,
  customerId: 'cus_1',
}
const due = { ...paid, state: 'past-due', pastDueSince: noon(20), graceEndsAt: noon(27) }

test('what is paid for says until when, and what comes then', () => {
  expect(billingText(paid, noon(1))).toBe(`It is paid by the month, and renews on ${sayInstant(noon(20))}.`)
  expect(billingText({ ...paid, interval: 'year' }, noon(1))).toContain('by the year')
  expect(billingText({ ...paid, paidThrough: null }, noon(1))).toBe('It is paid by the month.')
  const ending = billingText({ ...paid, cancelsAtPeriodEnd: true }, noon(1))
  expect(ending).toContain(`ends on ${sayInstant(noon(20))}, and is not renewed`)
})

test('what is no longer paid says what is left of it', () => {
  for (const state of ['ended', 'paused']) {
    expect(billingText({ ...paid, state }, noon(1))).toContain(`paid for until ${sayInstant(noon(20))}`)
    expect(billingText({ ...paid, state }, noon(21))).not.toContain('until')
  }
})

test('a trial says nothing of money', () => {
  const none = { ...paid, state: 'none', interval: null, paidThrough: null }
  expect([billingText(none, noon(1)), dueText(none, noon(1))]).toEqual(['', ''])
})

test('a payment that failed says until when it can be made', () => {
  expect(dueText(due, noon(21))).toContain(`Pay by ${sayInstant(noon(27))}, or the site is switched off then.`)
  expect(dueText(due, noon(28))).toContain('switched off until that is paid')
  expect(dueText({ ...due, graceEndsAt: null }, noon(21))).toContain('Manage payment')
  expect([billingText(due, noon(21)), dueText(paid, noon(21))]).toEqual(['', ''])
})
