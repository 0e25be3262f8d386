import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createStripeClient } from '../../adapters/stripe/client.ts'
import { standInAccess } from '../../local/open-payments.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { createSite, getSite, poolIsFull, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

interface Found {
  readonly request: { readonly waiting: boolean; readonly reason: string } | null
  readonly report: Readonly<Record<string, unknown>> | null
}

/** Stripe's API as the stand-in of this host speaks it, with the key that the host has of its own. */
const stripeOf = async ({ home, port }: StartedHost) => {
  const secrets = JSON.parse(await readFile(join(home, 'secrets.json'), 'utf8')) as { codePepper: string }
  const { secretKey, apiBase } = standInAccess(secrets, { listen: '127.0.0.1', port })
  return createStripeClient({ secretKey, apiBase })
}

const nothing = { count: 0, first: [] }

it('an operator has billing reconciled: missed events are repaired, and what only they can settle is listed', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(host)
  const { bearer } = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, { bearer }, { slug: 'ada' })).json
  const staff = async (role: string) => {
    const body = { email: `${role}@example.com`, role }
    const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
    return { authorization: `Bearer ${token}` }
  }
  const headers = await staff('support')
  const check = async () => (await call<Found>(host, { path: '/v1/operator/billing', headers })).json
  const reconcile = async (reason: string) => {
    const path = '/v1/operator/billing/reconcile'
    const asked = await call<Found>(host, { method: 'POST', path, headers, body: { reason } })
    expect([asked.status, asked.json.request?.reason]).toEqual([202, reason])
    return waitFor(async () => {
      const { request, report } = await check()
      return request?.waiting === false && report !== null && report
    })
  }
  expect(await check()).toEqual({ request: null, attempt: null, report: null })

  // Stripe tells of nothing from here on.
  const stripe = await stripeOf(host)
  for await (const endpoint of stripe.webhookEndpoints.list()) {
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  }
  const session = await call<{ id: string }>(host, {
    method: 'POST',
    path: `/v1/sites/${id}/checkout`,
    headers: bearer,
    body: { plan: 'starter', interval: 'month' },
  })
  const paid = await call(host, {
    method: 'POST',
    path: `/_local/stripe/checkout/${session.json.id}/pay`,
    body: { card: '4242424242424242' },
  })
  expect([paid.status, (await getSite(host, { bearer }, id)).plan]).toEqual([200, 'trial'])

  const isolated = { withoutSite: nothing, withoutSubscription: nothing, byArrangement: nothing, left: nothing }
  const repaired = { count: 1, first: [id] }
  expect(await reconcile('the webhook was off')).toMatchObject({ subscriptions: 1, repaired, ...isolated })
  expect((await getSite(host, { bearer }, id)).plan).toBe('starter')

  // In the dashboard, somebody gives the subscription to a site that is not there.
  const [subscription] = (await stripe.subscriptions.list()).data
  await stripe.subscriptions.update(subscription!.id, { metadata: { siteId: 'site_01jq3v5k8m0000000000008888' } })
  const withoutSite = { count: 1, first: [subscription!.id] }
  expect(await reconcile('looking once more')).toMatchObject({ ...isolated, repaired: nothing, withoutSite })
  expect((await getSite(host, { bearer }, id)).plan).toBe('starter')
  const refused = { method: 'POST', path: '/v1/operator/billing/reconcile', body: { reason: 'x' } } as const
  expect((await call(host, { ...refused, headers: await staff('sales') })).status).toBe(403)
})
