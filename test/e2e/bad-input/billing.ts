import { expect } from 'vitest'
import { call } from '../call.ts'
import { type Row, type Scene, unknownId } from './row.ts'

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
      {
        name: `the ${what} of another account's site`,
        request: post(what, body, 'newcomer'),
        status: 404,
        type: 'not-found',
      },
      {
        name: `the ${what} of a site that does not exist`,
        request: ({ owner }) => ({
          method: 'POST',
          path: `/v1/sites/site_${unknownId}/${what}`,
          headers: owner.bearer,
          ...(body && { body }),
        }),
        status: 404,
        type: 'not-found',
      },
      {
        name: `the ${what} of a site by nobody`,
        request: ({ siteId }) => ({ method: 'POST', path: `/v1/sites/${siteId}/${what}`, ...(body && { body }) }),
        status: 401,
        type: 'unauthenticated',
      },
    ]
  }),
  {
    name: 'the billing of another account’s site',
    request: ({ newcomer, siteId }) => ({ path: `/v1/sites/${siteId}/billing`, headers: newcomer.bearer }),
    status: 404,
    type: 'not-found',
    corrected: [({ owner, siteId }) => ({ path: `/v1/sites/${siteId}/billing`, headers: owner.bearer }), 200],
  },
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
  ).map(
    ([wish, field]): Row => ({
      name: `a checkout of ${JSON.stringify(wish)}`,
      request: post('checkout', wish),
      status: 400,
      type: 'invalid-request',
      field,
    }),
  ),
  {
    name: 'a change of plan without a subscription',
    request: post('plan', monthly),
    status: 409,
    type: 'transition-not-allowed',
  },
  {
    name: 'a portal where nothing was bought',
    request: async (scene) => {
      const billingOf = await call(scene.host, {
        path: `/v1/sites/${scene.siteId}/billing`,
        headers: scene.owner.bearer,
      })
      expect(billingOf.json).toMatchObject({ state: 'none', customerId: null })
      return post('portal')(scene)
    },
    status: 409,
    type: 'transition-not-allowed',
  },
  {
    name: 'a change of plan after a card was declined, which is another checkout',
    request: async (scene) => {
      const { status, json } = await call<{ id: string }>(scene.host, post('checkout', monthly)(scene))
      expect(status).toBe(201)
      const path = `/_local/stripe/checkout/${json.id}/pay`
      const declined = await call(scene.host, { method: 'POST', path, body: { card: '4000000000000002' } })
      expect(declined.status).toBe(402)
      return post('plan', yearly)(scene)
    },
    status: 409,
    type: 'transition-not-allowed',
    corrected: [post('checkout', yearly), 201],
  },
  {
    name: 'a webhook that is not signed',
    request: { method: 'POST', path: webhook, body: { id: 'evt_1', type: 'invoice.paid' } },
    status: 400,
    type: 'webhook-refused',
  },
  {
    name: 'a webhook whose signature is forged',
    request: { method: 'POST', path: webhook, headers: { 'stripe-signature': signature }, body: { id: 'evt_1' } },
    status: 400,
    type: 'webhook-refused',
  },
  {
    name: 'a webhook whose signature is none',
    request: { method: 'POST', path: webhook, headers: { 'stripe-signature': 'v1' }, body: 'x'.repeat(1000) },
    status: 400,
    type: 'webhook-refused',
  },
  {
    name: 'a webhook without a body',
    request: { method: 'POST', path: webhook },
    status: 400,
    type: 'webhook-refused',
  },
  {
    name: 'a webhook of more than a MiB',
    request: { method: 'POST', path: webhook, body: ' '.repeat(1024 * 1024 + 1) },
    status: 413,
    type: 'payload-too-large',
  },
  {
    name: 'a webhook that is read',
    request: { path: webhook },
    status: 405,
    type: 'method-not-allowed',
    headers: { allow: 'POST' },
  },
]
