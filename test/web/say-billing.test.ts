import { expect, test } from 'vitest'

interface Moment {
  readonly now: string
  readonly runs: boolean
}
interface SayBilling {
  billingText: (billing: object, moment: Moment) => string
  dueText: (billing: object, moment: Moment) => string
  disputeText: (billing: object) => string
  pendingText: (billing: object, moment: { readonly now: string }) => string
  changeText: (billing: object, choice: object) => string
}
const load = <Module>(name: string): Promise<Module> => import(new URL(`../../web/owner/${name}`, import.meta.url).href)
const { billingText, changeText, disputeText, dueText, pendingText } = await load<SayBilling>('say-billing.js')
const { sayInstant } = await load<{ sayInstant: (instant: string) => string }>('say-instant.js')

const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`
const on = (day: number): Moment => ({ now: noon(day), runs: true })
const suspendedOn = (day: number): Moment => ({ now: noon(day), runs: false })
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

test('shows the renewal date of a running subscription', () => {
  expect(billingText(paid, on(1))).toBe(`Your subscription is billed monthly and renews on ${sayInstant(noon(20))}.`)
  expect(billingText({ ...paid, interval: 'year' }, on(1))).toContain('yearly')
  expect(billingText({ ...paid, paidThrough: null }, on(1))).toBe('Your subscription is billed monthly.')
})

test('shows the end of a cancelled subscription and what follows', () => {
  const cancelled = { ...paid, cancelsAtPeriodEnd: true }
  const text = billingText(cancelled, on(1))
  expect(text).toContain(`Your subscription is cancelled and ends on ${sayInstant(noon(20))}.`)
  expect(text).toContain('Until then nothing changes. Then your site is suspended')
  // Such as one that is to be deleted.
  expect(billingText(cancelled, suspendedOn(1))).not.toContain('nothing changes')
  expect(billingText({ ...cancelled, paidThrough: null }, on(1))).toContain('ends at the end of its period')
})

test('says that a plan change waits for the bank, until its time has ended', () => {
  const pendingChange = { plan: 'growth', interval: 'month', confirmBy: noon(2) }
  expect(pendingText({ pendingChange }, on(1))).toContain('Waiting for your bank. Confirm the payment by')
  for (const none of [pendingText({ pendingChange }, on(2)), pendingText({ pendingChange: null }, on(1))]) {
    expect(none).toBe('')
  }
})

test('says until when an unpaid site runs, and what to do', () => {
  for (const [state, remedy] of [
    ['ended', 'Your subscription has ended. Choose a plan to continue.'],
    ['paused', 'Your subscription is paused. Nothing is charged. Write to us to resume it.'],
  ] as const) {
    const over = { ...paid, state, runsUntil: noon(20) }
    const text = billingText(over, on(1))
    expect(text).toContain(`Your site will be suspended on ${sayInstant(noon(20))} (in 19 days). Its data is kept.`)
    for (const moment of [on(21), suspendedOn(1)]) expect(billingText(over, moment)).toBe(remedy)
  }
})

test('shows no billing text for a trial', () => {
  const none = { ...paid, state: 'none', interval: null, paidThrough: null }
  expect([billingText(none, on(1)), dueText(none, on(1)), disputeText(none)]).toEqual(['', '', ''])
})

test('says until when a failed payment can be made, and where', () => {
  expect(dueText(due, on(21))).toContain(`Pay by ${sayInstant(noon(27))}; otherwise your site is suspended.`)
  expect(dueText(due, suspendedOn(21))).toContain(`Pay by ${sayInstant(noon(27))}.`)
  expect(dueText(due, on(28))).toContain('suspended until you pay')
  for (const one of [due, { ...due, graceEndsAt: null }]) expect(dueText(one, on(21))).toContain('Manage payment')
  expect([billingText(due, on(21)), dueText(paid, on(21))]).toEqual(['', ''])
})

test('shows a dispute in addition to other texts', () => {
  expect(disputeText({ ...paid, disputed: true })).toContain('A payment for this site is disputed at your bank')
  expect(disputeText(paid)).toBe('')
})

test('reports a plan change as done only once the site has the plan', () => {
  const choice = { plan: 'growth', name: 'Growth', interval: 'year' }
  expect(changeText({ ...paid, ...choice }, choice)).toBe('Your site is now on the Growth plan.')
  for (const before of [
    { plan: 'starter', interval: 'year' },
    { plan: 'growth', interval: 'month' },
  ]) {
    const said = changeText({ ...paid, ...before }, choice)
    expect(said).toContain('You changed to the Growth plan.')
    expect(said).not.toContain('now')
  }
})
