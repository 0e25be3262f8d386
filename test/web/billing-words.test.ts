import { expect, test } from 'vitest'
import config from '../../sitewright.config.ts'
import {
  type Billing,
  billingText,
  chargeOf,
  deletionText,
  dueText,
  hasAlready,
  intervalsOf,
  lowestPriceOf,
  needsResuming,
  offersPlans,
  openChange,
} from '../../web/owner/billing-words.ts'
import { linesOf, ownLinesOf, type Plan, plansOf } from '../../web/owner/plan-words.ts'
import type { Site } from '../../web/owner/site-words.ts'
import { inLanguage } from '../../web/texts/catalogue.ts'
import { catalogue } from '../../web/texts/catalogues/owner.ts'
import { createTexts } from '../../web/texts/texts.ts'
import { noon, sampleSite } from './sample-site.ts'

const words = createTexts('en', inLanguage(catalogue, 'en'))
const date = (day: number): string => words.format.date(noon(day))
const instant = (day: number): string => words.format.instant(noon(day))

const runs: Site = { ...sampleSite, plan: 'starter', extension: null, trialEndsAt: null }
const stopped: Site = { ...runs, status: 'suspended' }
const paid: Billing = {
  state: 'active',
  agreed: false,
  plan: 'starter',
  interval: 'month',
  currency: 'EUR',
  amount: 1900,
  paidThrough: noon(20),
  cancelsAtPeriodEnd: false,
  pastDueSince: null,
  graceEndsAt: null,
  runsUntil: null,
  disputed: false,
  pendingChange: null,
  customerId: 'cus_1',
}
const due: Billing = { ...paid, state: 'past-due', graceEndsAt: noon(27), runsUntil: noon(27) }
const say = (billing: Billing, site = runs, day = 1) => billingText(words, billing, site, noon(day))
const sayDue = (billing: Billing, site = runs, day = 21) => dueText(words, billing, site, noon(day))

test('shows the renewal date of a running subscription', () => {
  expect(say(paid)).toBe(`Your subscription is billed monthly. It renews on ${date(20)}.`)
  expect(say({ ...paid, interval: 'year' })).toContain('yearly')
  expect(say({ ...paid, paidThrough: null })).toBe('Your subscription is billed monthly.')
})

test('shows the end of a cancelled subscription and what follows', () => {
  const cancelled = { ...paid, cancelsAtPeriodEnd: true }
  expect(say(cancelled)).toContain(
    `Your subscription is cancelled and ends on ${date(20)}. Until then nothing changes.`,
  )
  // Such as one that is to be deleted.
  expect(say(cancelled, stopped)).not.toContain('nothing changes')
  // An operator has set another plan, which stays.
  expect(say(cancelled, { ...runs, plan: 'growth' })).not.toContain('suspended')
  expect(say({ ...cancelled, paidThrough: null })).toContain('ends with its period')
})

test('changes between months and years only while the subscription is renewed', () => {
  const cancelled = { ...paid, cancelsAtPeriodEnd: true }
  expect([needsResuming('year', cancelled), needsResuming('month', cancelled)]).toEqual([true, false])
  expect([needsResuming('year', paid), needsResuming('year', { ...cancelled, state: 'ended' })]).toEqual([false, false])
})

test('knows a plan change that waits for the bank, until its time has ended', () => {
  const pendingChange = { plan: 'growth', interval: 'month', confirmBy: noon(2) } as const
  expect(openChange({ ...paid, pendingChange }, noon(1))).toEqual(pendingChange)
  expect([openChange({ ...paid, pendingChange }, noon(2)), openChange(paid, noon(1))]).toEqual([undefined, undefined])
})

test('says until when an unpaid site runs, and what to do', () => {
  for (const [state, first, remedy] of [
    ['ended', 'Your subscription has ended.', 'Choose a plan to continue.'],
    ['paused', 'Your subscription is paused. Nothing is charged.', '[Write to us] to resume it.'],
  ] as const) {
    const over: Billing = { ...paid, state, runsUntil: noon(20) }
    const left = `Your site will be suspended on ${instant(20)} (in 19 days). Its data is kept.`
    expect(say(over)).toBe(`${first} ${left} ${remedy}`)
    for (const text of [say(over, runs, 21), say(over, stopped)]) expect(text).toBe(`${first} ${remedy}`)
  }
})

test('tells a trial that nothing is charged, and who to write to about a plan by agreement', () => {
  const none: Billing = { ...paid, state: 'none', interval: null, paidThrough: null }
  expect(say(none, sampleSite)).toContain('free trial')
  expect(say(none)).toContain('by agreement')
  expect(sayDue(none)).toBe('')
})

test('says that a trial has ended, and offers plans only where they can be chosen', () => {
  const none: Billing = { ...paid, state: 'none', interval: null, paidThrough: null }
  const archived: Site = { ...sampleSite, status: 'archived' }
  expect(say(none, archived, 15)).toBe('Your free trial has ended. Choose a plan to continue.')
  const withheld: Site = { ...stopped, ...trial, trialEndsAt: noon(15), ...byOperator }
  expect(say(none, withheld, 14)).toBe('Nothing is charged for this trial.')
  expect(say(none, withheld, 15)).toBe('Your free trial has ended.')
})

test('says of a site under a contract that its plan is by agreement, whatever its former subscription does', () => {
  for (const billing of [
    { ...paid, cancelsAtPeriodEnd: true },
    { ...paid, state: 'ended' },
  ] as const) {
    expect(say({ ...billing, agreed: true })).toMatch(/^Your plan is by agreement\. /)
    expect([offersPlans(runs, billing), offersPlans(runs, { ...billing, agreed: true })]).toEqual([true, false])
  }
})

test('says of a relocated site that its plan is by agreement, and offers none until it went back', () => {
  const cancelled = { ...paid, cancelsAtPeriodEnd: true }
  const ended: Billing = { ...paid, state: 'ended' }
  const switched = { ...runs, plan: 'enterprise', ...relocated('switched') }
  for (const billing of [cancelled, ended]) expect(say(billing, switched)).toMatch(/^Your plan is by agreement\. /)
  expect(say(paid, switched)).toContain('billed monthly')
  expect(say(cancelled, { ...runs, plan: paid.plan, ...relocated('switched') })).toContain(
    'Then your site is suspended',
  )
  for (const state of ['accepted', 'returned'] as const) {
    const offer = state === 'returned' ? ' Choose a plan to continue.' : ''
    expect(say(ended, { ...runs, ...relocated(state) })).toBe(`Your subscription has ended.${offer}`)
    expect(say(cancelled, { ...runs, ...relocated(state) })).toContain('Then your site is suspended')
  }
})

test('says until when a failed payment can be made, and where', () => {
  expect(sayDue(due)).toContain(`Pay by ${instant(27)} (in 6 days); otherwise your site is suspended.`)
  expect(sayDue(due, stopped)).toMatch(/Pay by [^;]*\.$/)
  expect(sayDue(due, runs, 28)).toContain('suspended until you pay')
  for (const one of [due, { ...due, graceEndsAt: null }]) expect(sayDue(one)).toContain('Invoices and card')
  expect([say(due), sayDue(paid)]).toEqual(['', ''])
  const isDeleted = { ...stopped, ...deleted }
  expect([say(due, isDeleted), sayDue(due, isDeleted)]).toEqual([
    'Your bank is not asked again for the payment that failed.',
    '',
  ])
})

test('says what a deletion does to the subscription, as far as that is known', () => {
  const states = ['none', 'active', 'past-due', 'paused', 'ended'] as const
  const said = states.map((state) => deletionText(words, { state }, runs))
  const ends = 'Its subscription ends with the period that you have paid for.'
  expect(said).toEqual(['', ends, 'Your bank is not asked again for the payment that failed.', ends, ''])
  const sites = [runs, { ...runs, plan: 'trial' }, { ...runs, plan: 'trial-schools' }, { ...runs, plan: 'trialist' }]
  expect(sites.map((site) => deletionText(words, undefined, site))).toEqual([ends, '', '', ends])
})

const at = noon(1)
const trial = { ...runs, extension: { left: 1, used: 0, days: 7 } }
const byOperator = { suspended: { at, because: 'operator' } } as const
const deleted = { deletion: { requestedAt: at, purgeAt: null, revocable: true } }
const relocated = (state: 'draft' | 'accepted' | 'switched' | 'returned') => ({
  relocation: { state } as Site['relocation'],
})
const removed = { deletion: { ...deleted.deletion, revocable: false } }

test.each<[string, Site, Billing['state'], boolean]>([
  ['a trial', trial, 'none', true],
  ['a plan by agreement', runs, 'none', false],
  ['a paid site', runs, 'active', true],
  ['a past-due site', runs, 'past-due', false],
  ['a paused site', runs, 'paused', false],
  ['an ended subscription', runs, 'ended', true],
  ['a trial that an operator has suspended', { ...trial, ...byOperator }, 'none', false],
  ['a paid site that has moved', { ...runs, suspended: { at, because: 'moved' } }, 'ended', false],
  ['a paid site that an operator has suspended', { ...runs, ...byOperator }, 'active', false],
  ['a trial that its owner has deleted', { ...trial, ...deleted }, 'none', true],
  ['a paid site that its owner has deleted', { ...runs, ...deleted }, 'active', false],
  ['an ended subscription of a deleted site', { ...runs, ...deleted }, 'ended', true],
  ['a paid site whose relocation is planned', { ...runs, ...relocated('draft') }, 'active', true],
  ['a paid site whose relocation its owner has accepted', { ...runs, ...relocated('accepted') }, 'active', false],
  ['a trial that went back', { ...trial, ...relocated('returned') }, 'none', true],
  ['a site that operators delete', { ...runs, ...removed }, 'ended', false],
])('plans to choose for %s: %#', (_, site, state, expected) => {
  expect(offersPlans(site, { state })).toBe(expected)
})

test('sells the plan of an ended subscription again, and the running one with another interval only', () => {
  const prices = (['month', 'year'] as const).map((interval) => ({ amount: 1900, currency: 'EUR', interval }))
  const [monthly, yearly] = prices
  const has = (billing: Pick<Billing, 'state' | 'interval'>) =>
    [monthly, yearly].map((price) => hasAlready(price, billing))
  expect(has(paid)).toEqual([true, false])
  for (const interval of ['month', 'year', null] as const)
    expect(has({ state: 'ended', interval })).toEqual([false, false])
  // A trial has no price.
  expect(hasAlready(undefined, { state: 'none', interval: null })).toBe(true)
})

test('says what Stripe charges at a change of plan', () => {
  const price = (amount: number, interval: 'month' | 'year' = 'month') => ({ amount, currency: 'EUR', interval })
  expect(chargeOf(price(1900), price(7900))).toBe('difference')
  expect(chargeOf(price(7900), price(1900))).toBe('credit')
  expect(chargeOf(price(1900), price(19_000, 'year'))).toBe('period')
  expect(chargeOf(undefined, price(1900))).toBe('period')
})

test('compares the limits and features of plans', () => {
  const size = { cpu: 0.5, memoryMiB: 1024, processes: 128 }
  const limits = { requestsPerMinute: 3000, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 32, storageMiB: 256 }
  const small: Plan = { id: 's', name: 'S', kind: 'trial', prices: [], size, limits, features: ['entries', 'own'] }
  const large: Plan = { ...small, limits: { ...limits, storageMiB: 2048 }, features: ['entries', 'customDomain'] }
  const lines = linesOf(words, large, { plans: [], present: small }).filter(({ change }) => change !== 'same')
  expect(lines).toEqual([
    { text: '2 GB of storage', change: 'more', now: 'now 256 MB' },
    { text: 'Without: own', change: 'less', now: undefined },
    { text: 'Your own domains', change: 'more', now: 'new' },
  ])
  expect(linesOf(words, small, { plans: [] }).every(({ change }) => change === 'same')).toBe(true)
})

test('shows the features of a site’s product, not those of others', () => {
  const plan: Plan = {
    ...{ id: 's', name: 'S', kind: 'trial', prices: [], features: ['entries', 'customDomain', 'print'] },
    size: { cpu: 0.5, memoryMiB: 1024, processes: 128 },
    limits: { requestsPerMinute: 1, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 1, storageMiB: 1 },
  }
  const products = [
    { name: 'welcome', title: 'Welcome', features: ['entries'] },
    { name: 'printer', title: 'Printer', features: ['print'] },
    { name: 'bare', title: 'Bare', features: [] },
  ]
  const shown = (product: string) => plansOf([plan], { products }, product).map(({ features }) => features)
  expect(['welcome', 'printer', 'bare', 'gone'].map(shown)).toEqual([
    [['entries', 'customDomain']],
    [['customDomain', 'print']],
    [['customDomain']],
    [['entries', 'customDomain', 'print']],
  ])
})

test('shows of the plan of an environment what an environment has', () => {
  const plans = config.plans.filter(({ kind }) => kind !== 'enterprise') as unknown as readonly Plan[]
  const growth = plans.find(({ id }) => id === 'growth') as Plan
  const environment = { environment: {} as NonNullable<Site['environment']>, sleepAfterMinutes: 30 }
  const [ofSite = [], ofEnvironment] = [{ sleepAfterMinutes: null }, environment].map((site) =>
    ownLinesOf(words, growth, site, plans).map(({ text }) => text),
  )
  const own = ['Always on', 'Environments: 3', 'Your own domains']
  expect(ofSite).toEqual(expect.arrayContaining(own))
  expect(ofEnvironment).toEqual(
    ofSite
      .map((text) => text.replace('Always on', 'Sleeps after 30 minutes without visitors'))
      .filter((text) => !own.includes(text)),
  )
})

test('compares the limits that the product enforces', () => {
  const of = (productLimits?: Record<string, number>): Plan => ({
    ...{ id: 'x', name: 'X', kind: 'paid', prices: [], features: [], size: { cpu: 1, memoryMiB: 64, processes: 16 } },
    limits: { requestsPerMinute: 1, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 1, storageMiB: 1 },
    ...(productLimits === undefined ? {} : { productLimits }),
  })
  const lines = (plan: Plan, present: Plan) =>
    linesOf(words, plan, { plans: [], present }).filter(({ text }) => text.includes(': '))
  expect(lines(of({ courses: 1000 }), of({ courses: 3 }))).toEqual([
    { text: 'courses: 1,000', change: 'more', now: 'now 3' },
  ])
  expect(lines(of({ courses: 3 }), of({ courses: 3 }))).toEqual([
    { text: 'courses: 3', change: 'same', now: undefined },
  ])
  expect(lines(of({ courses: 3 }), of())).toEqual([{ text: 'courses: 3', change: 'less', now: undefined }])
})

test('names every feature of the plans in words, in both languages', () => {
  const features = new Set(config.plans.flatMap((plan) => plan.features))
  for (const language of ['en', 'de'] as const) {
    const { find } = createTexts(language, inLanguage(catalogue, language))
    expect([...features].filter((feature) => find(`feature.${feature}`) === undefined)).toEqual([])
  }
})

test('names what a plan lacks, with the first plan that has it, and no loss twice', () => {
  const plans = config.plans.filter(({ kind }) => kind !== 'enterprise') as unknown as readonly Plan[]
  const plan = (id: string): Plan => plans.find((one) => one.id === id) as Plan
  const lacked = (id: string, present?: string) =>
    linesOf(words, plan(id), { plans, present: present === undefined ? undefined : plan(present) })
      .filter(({ change }) => change === 'none')
      .map(({ text, now }) => `${text}: ${now}`)
  expect(lacked('trial')).toEqual([
    'Environments: from Growth on',
    'Your own domains: from Starter on',
    'SCORM courses: from Growth on',
    expect.stringContaining('from Growth on'),
  ])
  expect(lacked('starter')).toHaveLength(3)
  expect(lacked('growth')).toEqual([])
  expect(lacked('starter', 'growth')).toEqual([])
})

test('counts environments as new for a plan without them', () => {
  const find = (id: string): Plan => config.plans.find((one) => one.id === id) as unknown as Plan
  const lines = (to: string, from: string) => linesOf(words, find(to), { plans: [], present: find(from) })
  const gained = lines('growth', 'starter').find(({ text }) => text.startsWith('Environments'))
  expect(gained).toMatchObject({ change: 'more', now: 'new' })
  // A plan that names none takes them away.
  expect(lines('starter', 'growth')).toContainEqual({ text: 'Without: Environments', change: 'less', now: 'now 3' })
})

test('says of each plan whether its sites sleep, and names rows in one order', () => {
  const plans = config.plans.filter(({ kind }) => kind !== 'enterprise') as unknown as readonly Plan[]
  const [trial, starter, growth] = plans as [Plan, Plan, Plan]
  const of = (plan: Plan, present: Plan) => linesOf(words, plan, { plans, present })
  expect(of(starter, trial)).toContainEqual({ text: 'Always on', change: 'more', now: 'new' })
  expect(of(trial, starter)).toContainEqual({
    ...{ text: 'Sleeps after 30 minutes without visitors', change: 'less', now: undefined },
  })
  const row = (text: string) => text.replace(/^Without: |: [\d,]+$/g, '').replace(/^Sleeps.*/, 'Always on')
  const rows = (plan: Plan, present: Plan) =>
    of(plan, present).map(({ text }) => row(text).replace(/[\d,.]+( [KMG]B)?/, ''))
  for (const present of plans)
    for (const plan of [trial, starter]) expect(rows(plan, present)).toEqual(rows(growth, present))
})

test('shows the intervals and the lowest price of the plans that are sold', () => {
  const price = (interval: 'month' | 'year', amount: number, currency = 'EUR') => ({ interval, amount, currency })
  const plan = (...prices: ReturnType<typeof price>[]) => ({ kind: 'paid' as const, prices })
  const none = { state: 'none', interval: null } as const
  const yearly = [plan(price('year', 12_000)), plan(price('year', 9000), price('month', 500, 'USD'))]
  expect(intervalsOf(yearly, 'EUR', none)).toEqual(['year'])
  expect(intervalsOf(yearly, 'USD', none)).toEqual(['month'])
  expect(intervalsOf(yearly, 'EUR', { ...none, interval: 'month' })).toEqual(['year'])
  expect(intervalsOf(yearly, 'EUR', { state: 'active', interval: 'month' })).toEqual(['month', 'year'])
  expect(lowestPriceOf(yearly)).toEqual(price('year', 9000))
  expect(lowestPriceOf([...yearly, plan(price('year', 1), price('month', 700))])).toEqual(price('month', 700))
  expect(lowestPriceOf([{ ...plan(price('month', 1)), kind: 'enterprise' }, plan()])).toBeUndefined()
})
