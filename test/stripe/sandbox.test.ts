import { expect, it } from 'vitest'
import { createStripeClient } from '../../adapters/stripe/client.ts'
import { siteId } from '../adapters/stripe/life-contract.ts'
import { openSandbox } from '../adapters/stripe/open-on-sandbox.ts'
import { openMockProxy } from './mock-proxy.ts'

const run = '0a1b2c3d'
const installation = `contract-${run}`

it('all that a live run asks of Stripe besides the adapter is understood', async () => {
  const mock = await openMockProxy((leftover) => {
    if ('metadata' in leftover) leftover['metadata'] = { installation, siteId }
    if (leftover['object'] === 'test_helpers.test_clock') leftover['status'] = 'ready'
    if (leftover['object'] === 'subscription') leftover['latest_invoice'] = 'in_1'
  })
  const stripe = createStripeClient({ secretKey: 'sk_test_sample', apiBase: mock.apiBase })
  const sandbox = await openSandbox(stripe, run, 0)
  const opened = await sandbox.open()
  const { customerId, subscriptionId } = await opened.subscribe({ plan: 'growth', interval: 'month', currency: 'EUR' })
  for (const card of ['failing', 'authenticates', 'good'] as const) await opened.changeCard(customerId, card)
  await opened.confirm(subscriptionId)
  await opened.turnDays(32)
  await opened.close()
  await sandbox.close()
  await mock.close()
  expect(mock.asked.filter(({ status }) => status !== 200)).toEqual([])
  const asked = mock.asked.map(
    ({ method, path }) => `${method} ${path.replaceAll(/\/(?:clock|in|sub)_[^/]+/g, '/{id}')}`,
  )
  expect(asked).toEqual(
    expect.arrayContaining([
      'POST /v1/test_helpers/test_clocks',
      'POST /v1/subscriptions',
      'POST /v1/invoices/{id}/pay',
      'POST /v1/test_helpers/test_clocks/{id}/advance',
      'DELETE /v1/test_helpers/test_clocks/{id}',
    ]),
  )
})
