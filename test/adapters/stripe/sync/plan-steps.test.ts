import { describe, expect, it } from 'vitest'
import { stepText } from '../../../../adapters/stripe/sync/apply-step.ts'
import {
  conflicts,
  type Found,
  type FoundPrice,
  type FoundProduct,
  type FoundWebhook,
  planSteps,
  staleWebhooks,
} from '../../../../adapters/stripe/sync/sync-catalogue.ts'
import { wantedOf } from '../../../../adapters/stripe/sync/wanted.ts'
import type { Plan } from '../../../../core/plan/plan.ts'
import config from '../../../../sitewright.config.ts'

const version = '2026-10-28.endive'
const url = 'https://try.example.com/v1/webhooks/stripe'

const growth: Plan = {
  ...(config.plans.find(({ id }) => id === 'growth') as Plan),
  prices: [{ amount: 7900, currency: 'EUR', interval: 'month' }],
}
const wanted = wantedOf({ plans: [growth], brand: 'Sample' }, url)

const product: FoundProduct = { id: 'prod_1', plan: 'growth', name: 'Sample Growth', isActive: true, createdAt: 1 }
const price: FoundPrice = {
  id: 'price_1',
  key: 'sitewright_growth_month_eur',
  productId: 'prod_1',
  amount: 7900,
  currency: 'eur',
  interval: 'month',
  isActive: true,
}
const webhook: FoundWebhook = {
  id: 'we_1',
  url,
  events: wanted.webhook?.events ?? [],
  isEnabled: true,
  apiVersion: version,
  createdAt: 1,
}
const right: Found = {
  products: [product],
  prices: [price],
  foreignKeys: new Map(),
  portals: [{ id: 'bpc_1', isAsWanted: true }],
  webhooks: [webhook],
}

const stepsFor = (change: Partial<Found>, of = wanted): string[] =>
  planSteps(of, { ...right, ...change }, version).map((step) => ('id' in step ? `${step.do} ${step.id}` : step.do))

describe('the steps of a sync', () => {
  it('are none if Stripe has what the configuration says', () => {
    expect(stepsFor({})).toEqual([])
  })

  it('create everything in an empty account, products before prices', () => {
    const empty = { products: [], prices: [], portals: [], webhooks: [] }
    expect(stepsFor(empty)).toEqual(['create-product', 'create-price', 'create-portal', 'create-webhook'])
  })

  it('create a price for a changed amount, then archive the old one', () => {
    expect(stepsFor({ prices: [{ ...price, amount: 6900 }] })).toEqual(['create-price', 'archive-price price_1'])
  })

  it('archive a price without a key once', () => {
    const former: FoundPrice = { ...price, id: 'price_0', key: undefined, amount: 6900 }
    expect(stepsFor({ prices: [price, former] })).toEqual(['archive-price price_0'])
    expect(stepsFor({ prices: [price, { ...former, isActive: false }] })).toEqual([])
  })

  it('archive a plan that is no longer sold, and restore one that is sold again', () => {
    const nothingSold = wantedOf({ plans: [], brand: 'Sample' }, url)
    expect(stepsFor({}, nothingSold)).toEqual(['archive-price price_1', 'archive-product prod_1'])
    const archived = { products: [{ ...product, isActive: false }], prices: [{ ...price, isActive: false }] }
    expect(stepsFor(archived, nothingSold)).toEqual([])
    expect(stepsFor(archived)).toEqual(['update-product prod_1', 'restore-price price_1'])
  })

  it.each<[string, Partial<FoundPrice>]>([
    ['another currency', { currency: 'usd' }],
    ['another interval', { interval: '3 month' }],
    ['another product', { productId: 'prod_9' }],
    ['no amount', { amount: undefined }],
  ])('is a new price in place of one with %s', (_, change) => {
    expect(stepsFor({ prices: [{ ...price, ...change }] })).toEqual(['create-price', 'archive-price price_1'])
  })

  it('correct a changed name, and keep the older of two products for a plan', () => {
    expect(stepsFor({ products: [{ ...product, name: 'Growth!' }] })).toEqual(['update-product prod_1'])
    const second: FoundProduct = { ...product, id: 'prod_2', createdAt: 2 }
    expect(stepsFor({ products: [second, product] })).toEqual(['archive-product prod_2'])
  })

  it('update the first portal and archive the others', () => {
    const portals = [
      { id: 'bpc_1', isAsWanted: false },
      { id: 'bpc_2', isAsWanted: true },
    ]
    expect(stepsFor({ portals })).toEqual(['update-portal bpc_1', 'archive-portal bpc_2'])
  })

  it.each<[string, readonly FoundWebhook[], string[]]>([
    ['disabled', [{ ...webhook, isEnabled: false }], ['update-webhook we_1']],
    ['at another address', [{ ...webhook, url: 'https://old.example.com' }], ['update-webhook we_1']],
    ['for fewer events', [{ ...webhook, events: ['invoice.paid'] }], ['update-webhook we_1']],
    ['for all events', [{ ...webhook, events: ['*'] }], ['update-webhook we_1']],
    ['there twice', [webhook, { ...webhook, id: 'we_2', createdAt: 2 }], ['disable-webhook we_2']],
    [
      'there beside one of an older version',
      [{ ...webhook, id: 'we_0', apiVersion: '2025-03-31.basil', createdAt: 0 }, webhook],
      ['disable-webhook we_0'],
    ],
    ['of an older version', [{ ...webhook, apiVersion: '2025-03-31.basil' }], []],
    ['of an older version and disabled', [{ ...webhook, apiVersion: undefined, isEnabled: false }], ['create-webhook']],
  ])('puts a webhook right that is %s', (_, webhooks, expected) => {
    expect(stepsFor({ webhooks })).toEqual(expected)
  })

  it('leave webhooks alone without an address for events', () => {
    expect(stepsFor({ webhooks: [] }, wantedOf({ plans: [growth], brand: 'Sample' }))).toEqual([])
  })

  it('are one line each, and delete nothing', () => {
    const prices = [{ ...price, amount: 6900 }]
    expect(planSteps(wanted, { ...right, prices }, version).map(stepText)).toEqual([
      '+ price sitewright_growth_month_eur: 7900 minor units of EUR a month',
      '- price price_1 is archived: its amount has changed; existing subscriptions keep it',
    ])
  })

  it('report a webhook of another API version, which no step can change', () => {
    const old = { ...webhook, apiVersion: '2025-03-31.basil' }
    expect(staleWebhooks(wanted, { ...right, webhooks: [old] }, version)).toEqual([
      expect.stringMatching(/^webhook we_1 speaks the version 2025-03-31\.basil .*2026-10-28\.endive.*Disable it/),
    ])
    expect(staleWebhooks(wanted, { ...right, webhooks: [{ ...old, apiVersion: undefined }] }, version)).toHaveLength(1)
    // It is disabled and has no effect; the next run makes another.
    const disabled = { ...old, isEnabled: false }
    expect(staleWebhooks(wanted, { ...right, webhooks: [disabled] }, version)).toEqual([])
    expect(stepsFor({ webhooks: [disabled] })).toEqual(['create-webhook'])
    expect(staleWebhooks(wanted, right, version)).toEqual([])
    const unasked = wantedOf({ plans: [growth], brand: 'Sample' })
    expect(staleWebhooks(unasked, { ...right, webhooks: [old] }, version)).toEqual([])
    // One that is to be disabled for another one is no news.
    const second = { ...old, id: 'we_2', createdAt: 2 }
    expect(staleWebhooks(wanted, { ...right, webhooks: [webhook, second] }, version)).toEqual([])
  })

  it('refuse an account in which others use our lookup keys', () => {
    const foreignKeys = new Map([['sitewright_growth_month_eur', 'sitewright-staging']])
    expect(conflicts(wanted, { ...right, foreignKeys })).toEqual([
      'The lookup key sitewright_growth_month_eur is held by a price of sitewright-staging.',
    ])
    expect(conflicts(wanted, right)).toEqual([])
  })
})

it('create every price of the configuration with a key of its own, and none for trial or enterprise', () => {
  const { products, prices } = wantedOf(config)
  expect(products.map(({ plan }) => plan)).toEqual(['starter', 'growth'])
  expect(new Set(prices.map(({ key }) => key)).size).toBe(8)
})
