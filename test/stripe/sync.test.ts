import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createStripeClient } from '../../adapters/stripe/client.ts'
import { applyStep, type Step } from '../../adapters/stripe/sync/apply-step.ts'
import { readFound } from '../../adapters/stripe/sync/sync-catalogue.ts'
import { type WantedPrice, type WantedWebhook, wantedOf } from '../../adapters/stripe/sync/wanted.ts'
import config from '../../sitewright.config.ts'
import type { ApiProxy } from './api-proxy.ts'
import { openMockProxy } from './mock-proxy.ts'

let mock: ApiProxy

beforeAll(async () => {
  mock = await openMockProxy((leftover) => {
    if ('metadata' in leftover) leftover['metadata'] = { installation: 'sample', plan: 'growth' }
  })
})
beforeEach(() => void mock.asked.splice(0))
afterAll(() => mock.close())

const open = () => createStripeClient({ secretKey: 'sk_test_sample', apiBase: mock.apiBase })

const wanted = wantedOf(config, 'https://example.com/v1/webhooks/stripe')
const product = { plan: 'growth', name: 'Growth' }
const price = wanted.prices[0] as WantedPrice
const webhook = wanted.webhook as WantedWebhook

/** One of each kind, as the compiler knows. */
const steps: { [Do in Step['do']]: [Extract<Step, { do: Do }>, string] } = {
  'create-product': [{ do: 'create-product', product }, 'POST /v1/products'],
  'update-product': [{ do: 'update-product', id: 'prod_1', product }, 'POST /v1/products/prod_1'],
  'archive-product': [{ do: 'archive-product', id: 'prod_1', plan: 'growth' }, 'POST /v1/products/prod_1'],
  'create-price': [{ do: 'create-price', price }, 'POST /v1/prices'],
  'restore-price': [{ do: 'restore-price', id: 'price_1', price }, 'POST /v1/prices/price_1'],
  'archive-price': [{ do: 'archive-price', id: 'price_1', because: 'it is old' }, 'POST /v1/prices/price_1'],
  'create-portal': [{ do: 'create-portal' }, 'POST /v1/billing_portal/configurations'],
  'update-portal': [{ do: 'update-portal', id: 'bpc_1' }, 'POST /v1/billing_portal/configurations/bpc_1'],
  'archive-portal': [{ do: 'archive-portal', id: 'bpc_1' }, 'POST /v1/billing_portal/configurations/bpc_1'],
  'create-webhook': [{ do: 'create-webhook', webhook }, 'POST /v1/webhook_endpoints'],
  'update-webhook': [{ do: 'update-webhook', id: 'we_1', webhook }, 'POST /v1/webhook_endpoints/we_1'],
  'disable-webhook': [{ do: 'disable-webhook', id: 'we_1', url: webhook.url }, 'POST /v1/webhook_endpoints/we_1'],
}

it.each(Object.values(steps))('$do is a request that Stripe understands', async (step, expected) => {
  const products = new Map([[price.plan, 'prod_1']])
  await applyStep({ stripe: open(), installation: 'sample', products, hearSecret: () => undefined }, step)
  expect(mock.asked).toEqual([expect.objectContaining({ status: 200 })])
  expect(mock.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([expected])
})

it('what Stripe holds can be read', async () => {
  const found = await readFound(open(), 'sample')
  expect(found.products.map(({ plan }) => plan)).toEqual(['growth'])
  expect(found.prices).toHaveLength(2)
  expect(found.portals).toHaveLength(1)
  expect(found.webhooks).toHaveLength(1)
})
