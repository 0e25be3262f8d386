import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import config from '../../sitewright.config.ts'
import { idleMonth, paidMonth, signUp, wholeTrial } from './bills.ts'
import { dollars, quantity } from './figures.ts'
import { costReport } from './generate-cost.ts'
import { pricedStageOf } from './priced-stage.ts'
import { pricedRegion, priceEntries, pricesRead } from './prices.ts'
import { changesOfSettings } from './setting-changes.ts'

const priced = pricedStageOf(config, JSON.stringify({ StartAt: 'A', States: { A: { End: true } } }))
const bills = [idleMonth(priced), wholeTrial(priced), paidMonth(priced), signUp(priced)]

const valueAt = (path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      config,
    )

describe('the table of prices', () => {
  it.each(priceEntries)('%s has a source of AWS, a unit and a price', (_name, price) => {
    expect(price.source).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9/-]+\/$/)
    expect(price.unit).not.toBe('')
    expect(price.usd).toBeGreaterThan(0)
    expect(price.per).toBeGreaterThanOrEqual(1)
  })

  it('says when it was read', () => {
    expect(new Date(pricesRead).toISOString().slice(0, 10)).toBe(pricesRead)
  })

  it('holds nothing that no bill uses', () => {
    const used = new Set(bills.flat().flatMap(({ lines }) => lines.map(({ price }) => price)))
    expect([...used].toSorted()).toEqual(priceEntries.map(([name]) => name).toSorted())
  })
})

describe('the settings', () => {
  const settings = [...changesOfSettings(bills).keys()]

  it.each(settings)('%s is in the configuration', (setting) => {
    expect(valueAt(setting)).toBeDefined()
  })

  it('name the lines that they change, by part of the bill', () => {
    const lines = changesOfSettings(bills).get('stages.production.router.cpu')
    expect(lines).toEqual(new Map([['Fixed', new Set(['routers: CPU'])]]))
  })
})

// `generate-docs.test.ts` checks that it is current.
const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8')

describe('the page', () => {
  it('has every bill that it promises, each with a total', () => {
    for (const title of [
      'An idle month',
      'A small stage',
      'A trial',
      'A trial with an open tab',
      'A paid site for a month',
      'A sign-up',
    ]) {
      expect(page).toContain(`\n## ${title}\n`)
    }
    expect(page.match(/\| \*\*total\*\* \|/g)).toHaveLength(8)
  })

  it('has a row for 10, 1,000 and 100,000 sites at each share of trials', () => {
    for (const sites of ['10', '1,000', '100,000']) {
      for (const share of ['100 %', '50 %', '0 %']) expect(page).toContain(`\n| ${sites} | ${share} | `)
    }
  })

  it('says of which region its prices are, and marks those that are only about right', () => {
    expect(page).toContain(pricedRegion)
    const marked = priceEntries.filter(([, { approximate }]) => approximate !== undefined)
    expect(page.match(/\| about: /g)).toHaveLength(marked.length)
  })

  it('points to headings that exist', () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(anchor)
  })
})

describe('figures', () => {
  it.each([
    [0, '0'],
    [0.00000123, '0.0000012'],
    [0.0999, '0.10'],
    [0.5, '0.50'],
    [12.345, '12.35'],
    [1234.5, '1,235'],
  ])('%d dollars are written %s', (usd, text) => {
    expect(dollars(usd)).toBe(text)
  })

  it.each([
    [3, '3'],
    [0.0304167, '0.0304'],
    [1460, '1,460'],
    [304_166.7, '304,167'],
  ])('a quantity of %d is written %s', (value, text) => {
    expect(quantity(value)).toBe(text)
  })
})

describe('the report on the terminal', () => {
  it('has the parts and their total', () => {
    const report = costReport(['--sites', '100', '--trials', '0.25'])
    expect(report).toContain('100 sites, 25 % trials, 1 deployment(s) with 2 routers each')
    expect(report.split('\n').at(-1)).toMatch(/^ {2}total +[\d,]+(\.\d\d)? USD a month$/)
  })

  it.each([
    [['--sites', 'many'], '--sites: must be a number'],
    [['--sites', '1.5'], '--sites: must be a whole number'],
    [['--trials', '30'], '--trials: must be a share between 0 and 1'],
    [['--stage', 'staging'], 'no stage staging'],
  ])('refuses %j', (args, message) => {
    expect(() => costReport(args)).toThrow(message)
  })
})
