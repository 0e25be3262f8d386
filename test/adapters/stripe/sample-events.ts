import { createHmac } from 'node:crypto'

export const sampleSecret = 'whsec_0123456789abcdefghijklmnopqrstuv'

export const sampleSite = 'site_01jq3v5k8m0000000000000000'

/** An event as Stripe would send it, about this object. */
export const eventAbout = (object: object, change: object = {}) => ({
  id: 'evt_1Sample',
  object: 'event',
  api_version: '2026-10-28.endive',
  created: 1_793_000_000,
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type: 'customer.subscription.updated',
  data: { object },
  ...change,
})

export const sampleEvent = () =>
  eventAbout({ object: 'subscription', id: 'sub_1', customer: 'cus_1', metadata: { siteId: sampleSite } })

export const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

/** As Stripe describes it, and not as we wrote it: https://docs.stripe.com/webhooks#verify-manually */
export const signatureOf = (body: Uint8Array, seconds: number, secret = sampleSecret): string =>
  createHmac('sha256', secret)
    .update(Buffer.concat([Buffer.from(`${seconds}.`), body]))
    .digest('hex')

export const headerOf = (body: Uint8Array, seconds: number, secret = sampleSecret): string =>
  `t=${seconds},v1=${signatureOf(body, seconds, secret)}`
