import { expect, test } from 'vitest'

interface SiteWords {
  statusText: (site: object) => string
  operationText: (site: object) => string
  deadlineTexts: (site: object) => [string, string]
  storageText: (site: object) => string
}
interface SiteActs {
  actsFor: (site: object) => { name: string; label: string }[]
  actsText: (site: object) => string
}
interface SaySize {
  saySize: (bytes: number) => string
}
interface SayPrice {
  sayPrice: (price: { amount: number; currency: string; interval: string }) => string
}

const load = <Module>(name: string): Promise<Module> => import(new URL(`../../web/${name}`, import.meta.url).href)

const { statusText, operationText, deadlineTexts, storageText } = await load<SiteWords>('site-words.js')
const { actsFor, actsText } = await load<SiteActs>('site-acts.js')
const { saySize } = await load<SaySize>('say-size.js')
const { sayPrice } = await load<SayPrice>('say-price.js')
const { sayInstant } = await load<{ sayInstant: (instant: string) => string }>('say-instant.js')

const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`

const active = {
  status: 'active',
  plan: 'trial',
  trialEndsAt: noon(15),
  nextStep: { step: 'remind', at: noon(8) },
  suspended: null,
  archived: null,
  deletion: null,
  extension: { left: 1, days: 7 },
  operation: null,
  storage: null,
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
const deletion = { requestedAt: noon(2), purgeAt: noon(9) }

const names = (site: object) => actsFor(site).map(({ name }) => name)

test('the deadline of a trial is its end, whatever reminder comes before', () => {
  expect(deadlineTexts(active)[0]).toBe(`The trial ends on ${sayInstant(noon(15))}.`)
  const putOff = { ...active, nextStep: { step: 'suspend', at: noon(16) } }
  expect(deadlineTexts(putOff)[0]).toBe(`The trial has ended. The site is switched off on ${sayInstant(noon(16))}.`)
  expect(deadlineTexts({ ...active, trialEndsAt: null, nextStep: null })).toEqual(['', ''])
})

test('the deadline of what is switched off is when more is taken away, whatever warning comes before', () => {
  expect(deadlineTexts(suspended)[0]).toBe(`Its data stays in place until ${sayInstant(noon(25))}.`)
  expect(deadlineTexts({ ...suspended, nextStep: null })[0]).toBe('Its data stays in place.')
  expect(deadlineTexts(archived)[0]).toBe(`It can be restored until ${sayInstant(noon(30))}.`)
  expect(deadlineTexts({ ...archived, archived: { at: noon(25), purgeAt: null } })[0]).toContain('at any time')
  for (const site of [suspended, archived]) {
    expect(deadlineTexts({ ...site, deletion })[0]).toBe(`It is deleted for good on ${sayInstant(noon(9))}.`)
    expect(deadlineTexts({ ...site, deletion: { ...deletion, purgeAt: null } })[0]).toContain('kept for now')
  }
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
  ['is to be deleted', { ...suspended, deletion }, ['keep']],
  ['is archived', archived, ['resume', 'extend', 'delete']],
  ['is archived and leaves its disk', { ...archived, operation: 'archive' }, ['extend', 'delete']],
  ['is archived and to be deleted', { ...archived, deletion }, ['keep']],
  ['is being restored', { ...archived, operation: 'restore' }, []],
  ['is purged', { ...active, status: 'purged' }, []],
  ['is being built', { ...active, status: 'building' }, []],
])('what can be done with a site that %s', (_, site, acts) => {
  expect(names(site)).toEqual(acts)
})

test('what taking it up again costs is said before', () => {
  expect(actsText(suspended)).toBe('Taking it up again uses your extension: its trial then goes on for 7 days.')
  expect(actsText({ ...suspended, ...used })).toContain('needs a plan')
  expect(actsText(archived)).toContain('Restoring it uses your extension')
  const running = { ...suspended, suspended: { at: noon(10), because: 'storage-full' } }
  expect(actsText(running)).toContain(`free until its trial ends on ${sayInstant(noon(15))}`)
  expect(actsText({ ...suspended, extension: null })).toBe('')
})

test('why it does not run, what goes on and how full it is are said in words', () => {
  const because = (reason: string) => statusText({ ...suspended, suspended: { at: noon(15), because: reason } })
  const all = ['trial-ended', 'storage-full', 'operator', 'owner-deletion'].map(because)
  expect(new Set(all).size).toBe(4)
  expect(statusText({ ...suspended, trialEndsAt: noon(20) })).toContain('had ended')
  expect(statusText({ ...suspended, deletion })).toContain('to be deleted')
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
])('%i bytes read as %s', (bytes, text) => {
  expect(saySize(bytes)).toBe(text)
})

test('a price has as many decimals as its currency', () => {
  expect(sayPrice({ amount: 1900, currency: 'EUR', interval: 'month' })).toBe('€19.00 a month')
  expect(sayPrice({ amount: 1900, currency: 'JPY', interval: 'year' })).toMatch(/1,900 a year$/)
})
