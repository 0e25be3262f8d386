import { expect } from 'vitest'
import { call } from '../call.ts'
import { type Row, row, type Scene, unknownId } from './row.ts'

const post =
  (what: string, body?: object, who: 'owner' | 'newcomer' = 'owner') =>
  (scene: Scene) => ({
    method: 'POST',
    path: `/v1/sites/${scene.siteId}/${what}`,
    headers: scene[who].bearer,
    ...(body && { body }),
  })

const monthly = { plan: 'starter', interval: 'month' }
const yearly = { plan: 'growth', interval: 'year' }
const webhook = '/v1/webhooks/stripe'
const signature = `t=${Math.floor(Date.parse('2026-01-31T09:30:00.000Z') / 1000)},v1=${'0'.repeat(64)}`

/** The owner's site is a trial that nobody pays for. */
export const billing: readonly Row[] = [
  ...['checkout', 'plan', 'portal'].flatMap((what): Row[] => {
    const body = what === 'portal' ? undefined : monthly
    return [
      row(`the ${what} of another account's site`, [404, 'not-found'], post(what, body, 'newcomer')),
      row(`the ${what} of a site that does not exist`, [404, 'not-found'], ({ owner }) => ({
        method: 'POST',
        path: `/v1/sites/site_${unknownId}/${what}`,
        headers: owner.bearer,
        ...(body && { body }),
      })),
      row(`the ${what} of a site by nobody`, [401, 'unauthenticated'], ({ siteId }) => ({
        method: 'POST',
        path: `/v1/sites/${siteId}/${what}`,
        ...(body && { body }),
      })),
    ]
  }),
  row(
    'the billing of another account’s site',
    [404, 'not-found'],
    ({ newcomer, siteId }) => ({ path: `/v1/sites/${siteId}/billing`, headers: newcomer.bearer }),
    { corrected: [({ owner, siteId }) => ({ path: `/v1/sites/${siteId}/billing`, headers: owner.bearer }), 200] },
  ),
  ...(
    [
      [{ plan: 'gold', interval: 'month' }, 'plan'],
      [{ plan: 'trial', interval: 'month' }, 'plan'],
      [{ plan: 'enterprise', interval: 'month' }, 'plan'],
      [{ plan: 7, interval: 'month' }, 'plan'],
      [{ interval: 'month' }, 'plan'],
      [{ plan: 'starter', interval: 'week' }, 'interval'],
      [{ plan: 'starter' }, 'interval'],
      [{ ...monthly, currency: 'CHF' }, 'currency'],
      [{ ...monthly, currency: 'eur' }, 'currency'],
      [{ ...monthly, amount: 1 }, 'amount'],
    ] as const
  ).map(([request, field]) =>
    row(`a checkout of ${JSON.stringify(request)}`, [400, 'invalid-request', field], post('checkout', request)),
  ),
  row('a change of plan without a subscription', [409, 'transition-not-allowed'], post('plan', monthly)),
  row('a portal where nothing was bought', [409, 'transition-not-allowed'], async (scene) => {
    const billingOf = await call(scene.host, { path: `/v1/sites/${scene.siteId}/billing`, headers: scene.owner.bearer })
    expect(billingOf.json).toMatchObject({ state: 'none', customerId: null })
    return post('portal')(scene)
  }),
  row(
    'a change of plan after a card was declined, which is another checkout',
    [409, 'transition-not-allowed'],
    async (scene) => {
      const { status, json } = await call<{ id: string }>(scene.host, post('checkout', monthly)(scene))
      expect(status).toBe(201)
      const path = `/_local/stripe/checkout/${json.id}/pay`
      const declined = await call(scene.host, { method: 'POST', path, body: { card: '4000000000000002' } })
      expect(declined.status).toBe(402)
      return post('plan', yearly)(scene)
    },
    { corrected: [post('checkout', yearly), 201] },
  ),
  row('a webhook that is not signed', [400, 'webhook-refused'], {
    method: 'POST',
    path: webhook,
    body: { id: 'evt_1', type: 'invoice.paid' },
  }),
  row('a webhook whose signature is forged', [400, 'webhook-refused'], {
    method: 'POST',
    path: webhook,
    headers: { 'stripe-signature': signature },
    body: { id: 'evt_1' },
  }),
  row('a webhook whose signature is none', [400, 'webhook-refused'], {
    method: 'POST',
    path: webhook,
    headers: { 'stripe-signature': 'v1' },
    body: 'x'.repeat(1000),
  }),
  row('a webhook without a body', [400, 'webhook-refused'], { method: 'POST', path: webhook }),
  row('a webhook of more than a MiB', [413, 'payload-too-large'], {
    method: 'POST',
    path: webhook,
    body: ' '.repeat(1024 * 1024 + 1),
  }),
  row('a webhook that is read', [405, 'method-not-allowed'], { path: webhook }, { headers: { allow: 'POST' } }),
]
