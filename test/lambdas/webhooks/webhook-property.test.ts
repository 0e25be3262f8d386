import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { isAccepted, type WebhookAnswer } from '../../../lambdas/webhooks/webhook.ts'
import { type Received, webhookScene } from './webhook-scene.ts'

const minute = 60_000

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ does: 'event' as const }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 600 }).map((minutes) => ({ does: 'pass' as const, minutes })) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom<WebhookAnswer>(
        { status: 200, text: '' },
        { status: 302, text: '' },
        { status: 500, text: '' },
        { failure: 'silent' },
        { failure: 'address' },
      )
      .map((answer) => ({ does: 'answer' as const, answer })),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'rotate' as const }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('webhookLog.append', 'webhookDeliveries.replace', 'webhookEndpoints.read')
      .map((call) => ({ does: 'lose' as const, call })),
  },
)

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** What a receiver and its endpoint went through. */
const live = async (steps: readonly Step[]) => {
  const crm = await webhookScene()
  const endpoint = await crm.addEndpoint()
  const events: string[] = []
  const lose = (call: string): void => {
    const [port = '', method = ''] = call.split('.')
    const real = Reflect.get(crm.ports, port)
    const lost = async () => {
      Reflect.set(crm.ports, port, real)
      throw new Error('the process is gone')
    }
    Reflect.set(crm.ports, port, { ...real, [method]: lost })
  }
  const end = plusDays(crm.scene.now, 2)
  const perform = async (one: Step): Promise<void> => {
    switch (one.does) {
      case 'event': {
        crm.turn(1)
        const event = crm.accountOpened()
        events.push(event.aggregate.id)
        return crm.deliver(event)
      }
      case 'pass':
        crm.turn(one.minutes * minute)
        return crm.sweep().catch(() => undefined)
      case 'answer':
        crm.scene.answer = () => one.answer
        return undefined
      case 'lose':
        return lose(one.call)
      case 'rotate': {
        // Refused while the former secret signs. Otherwise the receiver takes the new one over before that expires.
        const secret = await crm.rotate(endpoint.id, 24).catch(() => undefined)
        if (secret !== undefined) crm.scene.known = [secret]
      }
    }
  }
  for (const one of steps) if (crm.scene.now < end) await perform(one)
  crm.scene.answer = () => ({ status: 200, text: '' })
  for (let sweep = 0; sweep < 80 && (await crm.pending()).length > 0; sweep += 1) {
    crm.turn(60 * minute)
    await crm.sweep().catch(() => undefined)
  }
  expect(await crm.pending()).toEqual([])
  return { events, received: crm.received }
}

const accountOf = ({ body }: Received): string => (body.data['account'] as { id: string }).id

beforeAll(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterAll(() => vi.useRealTimers())

test('every webhook arrives, signed, under one id, in spite of failures, losses and rotations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { events, received } = await live(steps)
      const taken = received.filter(({ answer }) => isAccepted(answer))
      // More often than once only after a loss.
      const losses = steps.filter(({ does }) => does === 'lose').length
      expect(taken.length).toBeLessThanOrEqual(events.length + losses)
      // Sorted by their timestamps, they are all events in their order; and one id is one event.
      const sorted = taken.toSorted((a, b) => (a.body.timestamp < b.body.timestamp ? -1 : 1)).map(accountOf)
      expect([...new Set(sorted)]).toEqual(events)
      expect(new Set(received.map((one) => `${one.id} ${accountOf(one)}`)).size).toBe(events.length)
    }),
    { numRuns: 30 },
  )
})
