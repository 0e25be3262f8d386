import { expect, test } from 'vitest'

interface SiteWords {
  statusText: (site: object) => string
  operationText: (site: object) => string
  deadlineTexts: (site: object, now: string) => [string, string]
  storageText: (site: object) => string
  sleepText: (site: object) => string
  handOverText: (site: object) => string
}
interface SiteActs {
  actsFor: (site: object) => { name: string; label: string }[]
  actsText: (site: object, now: string) => string
}
interface SaySize {
  saySize: (bytes: number) => string
}
interface SayPrice {
  sayPrice: (price: { amount: number; currency: string; interval: string }) => string
}

const load = <Module>(name: string): Promise<Module> => import(new URL(`../../web/owner/${name}`, import.meta.url).href)

const { statusText, operationText, deadlineTexts, storageText, sleepText, handOverText } =
  await load<SiteWords>('site-words.js')
const { actsFor, actsText } = await load<SiteActs>('site-acts.js')
const { saySize } = await load<SaySize>('say-size.js')
const { sayPrice } = await load<SayPrice>('say-price.js')
const { sayDeadline } = await load<{ sayDeadline: (until: string, now: string) => string }>('say-wait.js')
const { sayInstant } = await load<{ sayInstant: (instant: string) => string }>('say-instant.js')

const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`

const active = {
  status: 'active',
  planName: 'Trial',
  trialEndsAt: noon(15),
  nextStep: { step: 'remind', at: noon(8) },
  suspended: null,
  archived: null,
  deletion: null,
  extension: { left: 1, days: 7 },
  operation: null,
  storage: null,
  downSince: null,
}
const suspended = {
  ...active,
  status: 'suspended',
  nextStep: { step: 'archive', at: noon(25) },
  suspended: { at: noon(15), because: 'trial-ended' },
}
const archived = {
  ...active,
  status: 'archived',
  nextStep: { step: 'warn', at: noon(28) },
  archived: { at: noon(25), purgeAt: noon(30) },
}
const used = { extension: { left: 0, days: 7 } }
const deletion = { requestedAt: noon(2), purgeAt: noon(9), revocable: true }

const names = (site: object) => actsFor(site).map(({ name }) => name)

test('shows the end of a trial as its deadline, whatever reminder comes before', () => {
  expect(deadlineTexts(active, noon(3))).toEqual([
    `The trial ends on ${sayInstant(noon(15))} (in 12 days).`,
    'Then your site is suspended, and its data is kept.',
  ])
  expect(deadlineTexts({ ...active, trialEndsAt: null, nextStep: null }, noon(3))).toEqual(['', ''])
})

test('announces the suspension of an ended trial, or its postponed date', () => {
  const due = { ...active, nextStep: { step: 'suspend', at: noon(15) } }
  for (const now of [noon(15), noon(20)])
    expect(deadlineTexts(due, now)).toEqual([
      `The trial ended on ${sayInstant(noon(15))}.`,
      'Your site is about to be suspended. Its data is kept.',
    ])
  const putOff = { ...active, nextStep: { step: 'suspend', at: noon(17) } }
  expect(deadlineTexts(putOff, noon(16))[0]).toBe(
    `The trial has ended. Your site will be suspended on ${sayInstant(noon(17))} (in 24 hours).`,
  )
  expect(deadlineTexts(putOff, noon(18))[0]).toContain('The trial ended on')
})

test('shows the next ending of a suspended or archived site, whatever warning comes before', () => {
  const texts = (site: object, now = noon(5)) => deadlineTexts(site, now).join(' ').trim()
  expect(texts(suspended)).toBe(
    `We will archive your site on ${sayInstant(noon(25))} (in 20 days) unless you resume it first.`,
  )
  expect(texts(suspended, noon(26))).toContain('about to be archived')
  expect(texts({ ...suspended, nextStep: null })).toContain('Its data is kept.')
  expect(texts(archived)).toContain(
    `permanently on ${sayInstant(noon(30))} (in 25 days). You can restore it until then.`,
  )
  expect(texts(archived, noon(30))).toContain('about to be deleted permanently')
  expect(texts({ ...archived, archived: { at: noon(25), purgeAt: null } })).toContain('at any time')
  for (const site of [suspended, archived]) {
    const deleted = (more = {}, now = noon(5)) => texts({ ...site, deletion: { ...deletion, ...more } }, now)
    expect(deleted()).toBe(
      `Your site will be deleted permanently on ${sayInstant(noon(9))} (in 4 days). You can cancel the deletion until then.`,
    )
    expect(deleted({ revocable: false })).toMatch(/in 4 days\)\. Write to us if you want to keep it\.$/)
    expect(deleted({}, noon(9))).toContain('about to be deleted permanently')
    expect(deleted({ purgeAt: null })).toContain('No date is set yet')
  }
})

test.each([
  ['2026-03-17T11:59:00.000Z', 'in 14 days'],
  ['2026-03-05T12:00:00.000Z', 'in 2 days'],
  ['2026-03-05T11:00:00.000Z', 'in 47 hours'],
  ['2026-03-03T13:40:00.000Z', 'in 100 minutes'],
  ['2026-03-03T12:00:01.000Z', 'in 1 minute'],
])('until %s it is %s', (until, text) => {
  expect(sayDeadline(until, noon(3))).toBe(`${sayInstant(until)} (${text})`)
})

test.each([
  ['runs', active, ['extend', 'delete']],
  ['runs, its extension used', { ...active, ...used }, ['delete']],
  ['runs and is paid for', { ...active, extension: null }, ['delete']],
  ['is copied', { ...active, operation: 'copy' }, ['extend', 'delete']],
  ['is suspended', suspended, ['resume', 'extend', 'delete']],
  ['is suspended, its extension used', { ...suspended, ...used }, ['resume', 'delete']],
  ['is being stopped', { ...suspended, operation: 'suspend' }, ['extend', 'delete']],
  ['is being archived', { ...suspended, operation: 'archive' }, ['resume', 'extend', 'delete']],
  ['an operator suspended', { ...suspended, suspended: { at: noon(3), because: 'operator' } }, ['delete']],
  ['is scheduled for deletion', { ...suspended, deletion }, ['keep']],
  ['operators delete', { ...suspended, deletion: { ...deletion, revocable: false } }, []],
  ['is archived', archived, ['resume', 'extend', 'delete']],
  ['is archived and loses its disk', { ...archived, operation: 'archive' }, ['extend', 'delete']],
  ['is archived and scheduled for deletion', { ...archived, deletion }, ['keep']],
  ['is being restored', { ...archived, operation: 'restore' }, []],
  ['is purged', { ...active, status: 'purged' }, []],
  ['is being built', { ...active, status: 'building' }, []],
])('offers the acts of a site that %s', (_, site, acts) => {
  expect(names(site)).toEqual(acts)
})

test('says what resuming costs, by the domain clock', () => {
  const ended = noon(15)
  expect(actsText(suspended, ended)).toBe('Resuming your site uses your extension and continues the trial for 7 days.')
  expect(actsText({ ...suspended, ...used }, ended)).toContain('requires a plan')
  expect(actsText(archived, ended)).toContain('Restoring your site uses your extension')
  const full = { ...suspended, suspended: { at: noon(10), because: 'storage-full' } }
  expect(actsText(full, noon(14))).toContain(`free until the trial ends on ${sayInstant(noon(15))}`)
  // Its trial continued while it was suspended, and has ended now.
  expect(actsText(full, ended)).toContain('uses your extension and ')
  expect(actsText({ ...suspended, extension: null }, ended)).toBe('')
})

test('describes suspension, operation and storage in words', () => {
  const because = (reason: string) => statusText({ ...suspended, suspended: { at: noon(15), because: reason } })
  const all = ['trial-ended', 'storage-full', 'operator', 'owner-deletion'].map(because)
  expect(new Set(all).size).toBe(4)
  expect(statusText({ ...suspended, trialEndsAt: noon(20) })).toContain('suspended since its trial ended')
  expect(statusText({ ...suspended, deletion })).toContain('scheduled for deletion')
  const operations = ['suspend', 'archive', 'restore', 'purge', 'copy']
  expect(new Set(operations.map((operation) => operationText({ ...active, operation }))).size).toBe(5)
  expect(operationText(active)).toBe('')
  expect([null, 'near', 'full'].map((storage) => storageText({ ...active, storage }) === '')).toEqual([
    true,
    false,
    false,
  ])
})

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [1_234_567, '1.2 MB'],
  [10_000_000_000, '10 GB'],
])('shows %i bytes as %s', (bytes, text) => {
  expect(saySize(bytes)).toBe(text)
})

test('shows a price with the decimals of its currency', () => {
  expect(sayPrice({ amount: 1900, currency: 'EUR', interval: 'month' })).toBe('€19.00 a month')
  expect(sayPrice({ amount: 1900, currency: 'JPY', interval: 'year' })).toMatch(/1,900 a year$/)
})

test('says when a site sleeps', () => {
  expect(sleepText({ sleepAfterMinutes: null })).toBe('Your site never sleeps.')
  expect(sleepText({ sleepAfterMinutes: 1 })).toContain('after one minute without visitors')
  expect(sleepText({ sleepAfterMinutes: 30 })).toContain('after 30 minutes without visitors')
})

test('a hand-over is worth a word where it failed', () => {
  expect(handOverText({ handOver: null })).toBe('')
  expect(handOverText({ handOver: { status: 'pending', reason: null } })).toBe('')
  expect(handOverText({ handOver: { status: 'done', reason: null } })).toBe('')
  expect(handOverText({ handOver: { status: 'failed', reason: 'The site answered 500.' } })).toBe(
    'Your site could not be set up for you. The site answered 500. Try again, or open it and set it up yourself.',
  )
  expect(operationText({ ...active, operation: 'handover' })).toBe('Your site is being set up for you.')
})
