import { expect, test } from 'vitest'

interface Moment {
  readonly now: string
  readonly runs: boolean
}
interface SayBilling {
  billingText: (billing: object, moment: Moment) => string
  dueText: (billing: object, moment: Moment) => string
  disputeText: (billing: object) => string
  changeText: (billing: object, choice: object) => string
}
const load = <Module>(name: string): Promise<Module> => import(new URL(`../../web/${name}`, import.meta.url).href)
const { billingText, changeText, disputeText, dueText } = await load<SayBilling>('say-billing.js')
const { sayInstant } = await load<{ sayInstant: (instant: string) => string }>('say-instant.js')

const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`
const on = (day: number): Moment => ({ now: noon(day), runs: true })
const switchedOffOn = (day: number): Moment => ({ now: noon(day), runs: false })
const paid = {
  state: 'active',
  plan: 'starter',
  interval: 'month',
  currency: 'EUR',
  paidThrough: noon(20),
  cancelsAtPeriodEnd: false,
  pastDueSince: null,
  graceEndsAt: null,
  runsUntil: null,
  disputed: false,
  customerId: 'cus_1',
}
const due = { ...paid, state: 'past-due', pastDueSince: noon(20), graceEndsAt: noon(27), runsUntil: noon(27) }

test('what is paid for says until when, and what comes then', () => {
  expect(billingText(paid, on(1))).toBe(`It is paid by the month, and renews on ${sayInstant(noon(20))}.`)
  expect(billingText({ ...paid, interval: 'year' }, on(1))).toContain('by the year')
  expect(billingText({ ...paid, paidThrough: null }, on(1))).toBe('It is paid by the month.')
})

test('what is cancelled says so, until when it runs, and what comes then', () => {
  const cancelled = { ...paid, cancelsAtPeriodEnd: true }
  const text = billingText(cancelled, on(1))
  expect(text).toContain(`Its subscription is cancelled: it ends on ${sayInstant(noon(20))}, and is not renewed.`)
  expect(text).toContain('Until then everything stays as it is. Then the site is switched off')
  // Such as one that is to be deleted.
  expect(billingText(cancelled, switchedOffOn(1))).not.toContain('stays as it is')
  expect(billingText({ ...cancelled, paidThrough: null }, on(1))).toContain('ends with its period')
})

test('what is no longer paid says until when the site runs, and what to do', () => {
  for (const [state, remedy] of [
    ['ended', 'Its subscription has ended. Choose a plan to go on.'],
    ['paused', 'Its subscription is paused: nothing is charged. Write to us to take it up again.'],
  ] as const) {
    const over = { ...paid, state, runsUntil: noon(20) }
    const text = billingText(over, on(1))
    expect(text).toContain(`The site runs until ${sayInstant(noon(20))}. That is in 19 days. Then the site is`)
    for (const moment of [on(21), switchedOffOn(1)]) expect(billingText(over, moment)).toBe(remedy)
  }
})

test('a trial says nothing of money', () => {
  const none = { ...paid, state: 'none', interval: null, paidThrough: null }
  expect([billingText(none, on(1)), dueText(none, on(1)), disputeText(none)]).toEqual(['', '', ''])
})

test('a payment that failed says until when it can be made, and where', () => {
  expect(dueText(due, on(21))).toContain(`Pay by ${sayInstant(noon(27))}, or the site is switched off then.`)
  expect(dueText(due, switchedOffOn(21))).toContain(`Pay by ${sayInstant(noon(27))}.`)
  expect(dueText(due, on(28))).toContain('switched off until that is paid')
  for (const one of [due, { ...due, graceEndsAt: null }]) expect(dueText(one, on(21))).toContain('Manage payment')
  expect([billingText(due, on(21)), dueText(paid, on(21))]).toEqual(['', ''])
})

test('a dispute is told beside everything else', () => {
  expect(disputeText({ ...paid, disputed: true })).toContain('A payment for it is disputed')
  expect(disputeText(paid)).toBe('')
})

test('a change is only said to be there where it is', () => {
  const choice = { plan: 'growth', interval: 'year' }
  expect(changeText({ ...paid, ...choice }, choice)).toBe('It is on the plan growth now.')
  for (const before of [
    { plan: 'starter', interval: 'year' },
    { plan: 'growth', interval: 'month' },
  ]) {
    const said = changeText({ ...paid, ...before }, choice)
    expect(said).toContain('The change to the plan growth is made.')
    expect(said).not.toContain('now')
  }
})
