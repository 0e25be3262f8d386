import { afterEach, describe, expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createPace } from '../../../adapters/stripe/pace.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import { createEventBus } from '../../../local/event-bus.ts'
import { createStreamFeeder } from '../../../local/stream-feeder.ts'
import config from '../../../sitewright.config.ts'
import {
  emptyList,
  fault,
  ok,
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts'

const away = fault(503, { type: 'api_error' }, { 'stripe-should-retry': 'true' })
const broken = fault(500, { type: 'api_error' })

let stripe: ScriptedServer
afterEach(() => stripe.close())

/** Payments with a clock of their own, which only a retry and the test advance. */
const open = async (answer: (asked: number) => ScriptedAnswer | undefined) => {
  let asked = 0
  stripe = await startScriptedServer(() => {
    asked += 1
    return answer(asked)
  })
  let now = 0
  const pass = async (milliseconds: number): Promise<void> => {
    now += milliseconds
  }
  const payments = createStripePayments({
    stripe: createStripeClient({
      secretKey: 'sk_test_sample',
      apiBase: stripe.apiBase,
      pace: createPace({ now: () => now, random: () => 0, pause: pass }),
    }),
    installation: 'sample',
    catalogue: config,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  const ask = async (): Promise<number | 'done'> => {
    try {
      await payments.subscriptionsOf('cus_1')
      return 'done'
    } catch (error) {
      return (error as { retryAfterSeconds: number }).retryAfterSeconds
    }
  }
  return { ask, pass, requests: () => asked }
}

describe('a request', () => {
  it.each([
    ['hangs up', undefined],
    ['is away', away],
    ['works on the same key', fault(409, { type: 'idempotency_error' }, { 'stripe-should-retry': 'true' })],
  ])('is retried once where Stripe %s', async (_, answer) => {
    const { ask, requests } = await open((asked) => (asked === 1 ? answer : ok(emptyList)))
    expect([await ask(), requests()]).toEqual(['done', 2])
  })

  it('is not retried where Stripe says that it is no use', async () => {
    const { ask, requests } = await open(() => broken)
    expect([await ask(), requests()]).toEqual([5, 1])
  })

  it('is not retried once the budget of all requests is used up', async () => {
    const { ask, requests } = await open((asked) => (asked % 2 === 1 && asked < 60 ? away : ok(emptyList)))
    for (let call = 0; call < 40; call += 1) await ask()
    // Ten retries, and one for ten successes each.
    expect(requests()).toBeLessThan(40 + 15)
  })
})

describe('requests', () => {
  it('pause after failures in a row, longer each time, and one finds out that Stripe is back', async () => {
    const { ask, pass, requests } = await open((asked) => (asked <= 5 ? broken : ok(emptyList)))
    for (let call = 0; call < 3; call += 1) await ask()
    for (const seconds of [0.5, 1]) {
      const before = requests()
      await pass(seconds * 1000 - 1)
      expect(await ask()).toBe(1)
      expect(requests()).toBe(before)
      await pass(1)
      expect(await ask()).toBe(5)
      expect(requests()).toBe(before + 1)
    }
    await pass(2000)
    const answers = await Promise.all(Array.from({ length: 10 }, ask))
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(1)
    expect(requests()).toBe(6)
    expect(await Promise.all([ask(), ask()])).toEqual(['done', 'done'])
  })

  it('wait for their turn where there are many', async () => {
    let max = 0
    let present = 0
    const pace = createPace()
    const answer = { getStatusCode: () => 200, getHeaders: () => ({}) } as never
    const send = async () => {
      present += 1
      max = Math.max(max, present)
      await new Promise((resolve) => setTimeout(resolve, 1))
      present -= 1
      return answer
    }
    stripe = await startScriptedServer(() => ok(emptyList))
    const answers = await Promise.all(Array.from({ length: 100 }, () => pace.run('GET', send)))
    expect([answers.length, max]).toEqual([100, 25])
  })

  it('pause as long as Stripe says', async () => {
    const busy = fault(429, { type: 'invalid_request_error', code: 'rate_limit' }, { 'retry-after': '17' })
    const { ask, pass, requests } = await open((asked) => (asked === 1 ? busy : ok(emptyList)))
    expect(await ask()).toBe(17)
    await pass(16_999)
    expect([await ask(), requests()]).toEqual([1, 1])
    await pass(1)
    expect([await ask(), requests()]).toEqual(['done', 2])
  })
})

describe('300 pending events', () => {
  /** Ten seconds in one. */
  const second = 100
  const outageSeconds = 22

  it('make few requests in an outage, and do not come back in one wave', { timeout: 600_000 }, async () => {
    /** With the first request. */
    let began: number | undefined
    const now = (): number => (began === undefined ? 0 : ((performance.now() - began) / second) * 1000)
    const inOutage: number[] = []
    const after: number[] = []
    stripe = await startScriptedServer(() => {
      began ??= performance.now()
      const isAway = now() < outageSeconds * 1000
      ;(isAway ? inOutage : after).push(now())
      return isAway ? away : ok(emptyList)
    })
    const pause = (milliseconds: number) =>
      new Promise((resolve) => setTimeout(resolve, (milliseconds / 1000) * second))
    const payments = createStripePayments({
      stripe: createStripeClient({
        secretKey: 'sk_test_sample',
        apiBase: stripe.apiBase,
        pace: createPace({ now, pause }),
      }),
      installation: 'sample',
      catalogue: config,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    const pending = new Set(Array.from({ length: 300 }, (_, index) => `payment-${index}`))
    const bus = createEventBus(
      () => [
        {
          definition: { triggers: [{ events: { source: ['sitewright'] } }] },
          invoke: async () => payments.subscriptionsOf('cus_1'),
        } as never,
      ],
      {
        secondMilliseconds: second,
        onDelivered: ({ aggregate: { id } }) => feeder.delivered({ pk: id, sk: 'EVENT#1' }),
      },
    )
    const feeder = createStreamFeeder({
      outbox: {
        pending: async () =>
          [...pending].map((id) => ({ aggregate: id, keys: { pk: { S: id }, sk: { S: 'EVENT#1' } }, image: {} })),
        clear: async ({ aggregate }: { aggregate: string }) => void pending.delete(aggregate),
      } as never,
      invoke: async (batch) => {
        const [{ dynamodb }] = (batch as { Records: [{ dynamodb: { Keys: { pk: { S: string } } } }] }).Records
        const aggregate = { type: 'payment', id: dynamodb.Keys.pk.S }
        await bus.publish([{ id: 'evt_1', type: 'PaymentNoticed', at: '', aggregate } as never])
        return { batchItemFailures: [] }
      },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      secondMilliseconds: second,
    })
    while (pending.size > 0) await new Promise((resolve) => setTimeout(resolve, second))
    await bus.close()
    await feeder.close()

    const busiest = Math.max(...after.map((at) => after.filter((other) => other >= at && other < at + 1000).length))
    expect(inOutage.length).toBeGreaterThan(0)
    expect(inOutage.length).toBeLessThan(100)
    expect(after.length).toBeLessThan(330)
    expect(busiest).toBeLessThan(200)
  })
})
