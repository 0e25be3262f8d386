import { expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import config from '../../../sitewright.config.ts'
import { silent } from '../../packages/stripe-stand-in/scene.ts'
import { ok, startScriptedServer } from './scripted-server.ts'

it.each([
  [14, 'delayed'],
  [16, 'failed'],
])('the payment of a session without an invoice is, %i days after its begin, %s', async (days, payment) => {
  const session = {
    ...{ id: 'cs_1', object: 'checkout.session', status: 'complete', payment_status: 'unpaid' },
    ...{ invoice: null, subscription: null, metadata: { installation: 'sample' } },
    created: Math.floor(Date.now() / 1000) - days * 86_400,
  }
  await using server = await startScriptedServer(() => ok(session))
  const stripe = createStripeClient({ secretKey: 'sk_test_1', apiBase: server.apiBase })
  const payments = createStripePayments({ stripe, installation: 'sample', catalogue: config, log: silent })
  expect(await payments.findCheckout('cs_1')).toMatchObject({ status: 'complete', payment })
})
