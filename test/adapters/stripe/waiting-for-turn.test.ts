import { afterEach, expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createPace } from '../../../adapters/stripe/pace.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import config from '../../../sitewright.config.ts'
import {
  emptyList,
  fault,
  ok,
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts'

const waits: number[] = []
const pause = async (milliseconds: number) => waits.push(milliseconds)

let played: ScriptedServer | undefined
afterEach(() => {
  waits.splice(0)
  return played?.close()
})

const busy = fault(429, { type: 'invalid_request_error', code: 'rate_limit' }, { 'retry-after': '7' })
const none = () => undefined

/** Payments of a Stripe that is busy so often. */
const open = async (times: number, answer: ScriptedAnswer) => {
  let left = times
  played = await startScriptedServer(() => {
    left -= 1
    return left >= 0 ? answer : ok(emptyList)
  })
  return createStripePayments({
    stripe: createStripeClient({
      secretKey: 'sk_test_sample',
      apiBase: played.apiBase,
      pace: createPace({ now: () => waits.reduce((sum, wait) => sum + wait, 0), random: () => 0, pause }),
    }),
    installation: 'sample',
    catalogue: config,
    log: { info: none, warn: none, error: none },
    pause,
  })
}

/** A list of all subscriptions, of a Stripe that is busy so often. */
const list = async (times: number, answer = busy) => {
  const payments = await open(times, answer)
  const listed: string[] = []
  for await (const { id } of payments.listSubscriptions()) listed.push(id)
  return listed
}

it('a page that Stripe is too busy for is requested again after the time that Stripe names', async () => {
  expect(await list(3)).toEqual([])
  expect(waits).toEqual([7000, 7000, 7000])
})

it('it is not asked for again for ever', async () => {
  await expect(list(100)).rejects.toMatchObject({ kind: 'Unavailable' })
  expect(waits).toHaveLength(5)
})

it('reports other errors at once', async () => {
  await expect(list(1, fault(500, { type: 'api_error' }))).rejects.toMatchObject({ kind: 'Unavailable' })
  expect(waits).toEqual([])
})

it('work that asks Stripe is repeated as well', async () => {
  const payments = await open(2, busy)
  await expect(payments.patiently(() => payments.subscriptionsOf('cus_1'))).resolves.toEqual([])
  expect(waits).toEqual([7000, 7000])
})

it('work that Stripe refuses is not repeated', async () => {
  const payments = await open(1, fault(400, { type: 'invalid_request_error' }))
  await expect(payments.patiently(() => payments.subscriptionsOf('cus_1'))).rejects.toMatchObject({
    kind: 'Unavailable',
  })
  expect(waits).toEqual([])
})
