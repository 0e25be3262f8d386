import { expect, it, vi } from 'vitest'
import { emptyList, fault, ok, startScriptedServer } from '../adapters/stripe/scripted-server.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

vi.setConfig({ testTimeout: 600_000 })

const env = {
  SITEWRIGHT_POOL_SIZE: '0',
  STRIPE_SECRET_KEY: 'sk_test_of_nobody',
  STRIPE_WEBHOOK_SECRET: 'whsec_bm9ib2R5',
}

it.each([
  ['has none of the prices', ok(emptyList), 'sitewright_growth_month_eur'],
  ['refuses the key', fault(401, { type: 'invalid_request_error' }), 'the prices at Stripe could not be compared'],
])('a host that starts while Stripe %s says so, and serves', async (_, answer, said) => {
  const stripe = await startScriptedServer(() => answer)
  await using host = await startHost({ env: { ...env, STRIPE_API_BASE: stripe.apiBase } })
  await waitFor(async () => host.output().includes(said))
  expect((await fetch(`http://localhost:${host.port}/v1/plans`)).status).toBe(200)
  await stripe.close()
})
