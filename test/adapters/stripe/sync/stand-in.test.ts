import { expect, it } from 'vitest'
import { createStripeClient } from '../../../../adapters/stripe/client.ts'
import { createStripePayments } from '../../../../adapters/stripe/stripe-payments.ts'
import { planSync } from '../../../../adapters/stripe/sync/sync-catalogue.ts'
import type { Plan } from '../../../../core/plan/plan.ts'
import config from '../../../../sitewright.config.ts'
import { cards, keys, openStripeScene, silent } from '../../../packages/stripe-stand-in/scene.ts'

const starter = config.plans.find(({ id }) => id === 'starter') as Plan
const priced = (amount: number): Plan => ({ ...starter, prices: [{ amount, currency: 'EUR', interval: 'month' }] })
// Nobody listens there, so that every delivery fails at once.
const webhookUrl = 'http://127.0.0.1:9/v1/webhooks/stripe'

it('brings Stripe into line, finds nothing to do then, and follows the configuration', {
  timeout: 600_000,
}, async () => {
  await using scene = await openStripeScene()
  const stripe = createStripeClient({ secretKey: keys.secretKey, apiBase: scene.address })
  const sync = async (plans: readonly Plan[]) => {
    const plan = await planSync({ stripe, installation: 'sample', brand: 'Sample', plans, webhookUrl })
    const { webhookSecret } = await plan.apply()
    return { steps: plan.steps.map((step) => step.do), webhookSecret }
  }

  const first = await sync([priced(1900)])
  expect(first.steps).toEqual(['create-product', 'create-price', 'create-portal', 'create-webhook'])
  expect(first.webhookSecret).toMatch(/^whsec_/)
  expect(await sync([priced(1900)])).toEqual({ steps: [], webhookSecret: undefined })

  // Somebody buys, and the price goes up: who pays the old one is still known by it.
  const payments = createStripePayments({ stripe, installation: 'sample', catalogue: config, log: silent })
  const who = { accountId: 'acct_01jq3v5k8m0000000000000000', siteId: 'site_01jq3v5k8m0000000000000000' } as const
  const customerId = await payments.openCustomer({ ...who, email: 'ada@example.com', idempotencyKey: 'customer' })
  const price = { plan: 'starter', interval: 'month', currency: 'EUR' } as const
  const urls = {
    description: 'acme.sites.example',
    successUrl: 'http://localhost/paid',
    cancelUrl: 'http://localhost/back',
  }
  const { id } = await payments.openCheckout({ ...who, ...urls, customerId, price, idempotencyKey: 'checkout' })
  await scene.act(`/checkout/${id}/pay`, { card: cards.good })
  expect((await sync([priced(2100)])).steps).toEqual(['create-price', 'archive-price'])
  expect((await sync([priced(2100)])).steps).toEqual([])
  expect(await payments.subscriptionsOf(customerId)).toMatchObject([{ status: 'active', price, amount: 1900 }])

  expect((await sync([])).steps).toEqual(['archive-price', 'archive-product'])
  expect((await sync([priced(2100)])).steps).toEqual(['update-product', 'restore-price'])
  const another = planSync({ stripe, installation: 'other', brand: 'Sample', plans: [priced(2100)] })
  await expect(another).rejects.toThrow('is held by a price of sample')
})
