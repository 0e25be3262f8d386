import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventBridgeBus, eventBatches } from '../../../adapters/eventbridge/event-bus.ts'
import { manyEvents } from '../event-bus/sample-events.ts'
import { playAws } from '../play-aws.ts'

type Entries = readonly { readonly Detail: string }[]

/** EventBridge that takes what the test lets it take. */
const open = (take: (detail: string) => boolean) => {
  const calls: string[][] = []
  const client = playAws(new EventBridgeClient({ region: 'eu-central-1' }), ({ Entries }: { Entries: Entries }) => {
    calls.push(Entries.map(({ Detail }) => JSON.parse(Detail).id))
    const results = Entries.map(({ Detail }) =>
      take(JSON.parse(Detail).id) ? { EventId: 'taken' } : { ErrorCode: 'ThrottlingException' },
    )
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results }
  })
  return { calls, bus: createEventBridgeBus({ client, busName: 'bus', source: 'sitewright' }) }
}

it('an event that EventBridge refuses fails the call although its answer is 200, and nothing later is sent', async () => {
  const events = manyEvents(25)
  const refused = events[12]!.id
  const { bus, calls } = open((id) => id !== refused)
  const error: unknown = await bus.publish(events).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ taken: 12, message: '1 of 10 events were not taken: ThrottlingException' })
  expect(calls.flat()).toEqual(events.slice(0, 20).map(({ id }) => id))
})

it('events are sent in their order', async () => {
  const events = manyEvents(25)
  const { bus, calls } = open(() => true)
  await bus.publish(events)
  expect(calls.map(({ length }) => length)).toEqual([10, 10, 5])
  expect(calls.flat()).toEqual(events.map(({ id }) => id))
})

const entry = (bytes: number) => ({ Source: 's', DetailType: 't', Detail: 'é'.repeat(bytes / 2) })

describe('events for EventBridge', () => {
  it('go in calls of ten at most', () => {
    const entries = Array.from({ length: 23 }, () => entry(2))
    expect(eventBatches(entries).map(({ length }) => length)).toEqual([10, 10, 3])
  })

  it('go in calls that are no larger than allowed, counted in bytes', () => {
    const sizes = eventBatches([100_000, 100_000, 100_000, 255_000, 2].map(entry)).map(({ length }) => length)
    expect(sizes).toEqual([2, 1, 2])
  })

  it('have a call of their own where they are too large for any', () => {
    expect(eventBatches([entry(2), entry(400_000), entry(2)]).map(({ length }) => length)).toEqual([1, 1, 1])
  })

  it('all go, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150_000 })), (sizes) => {
        const entries = sizes.map((size) => entry(size * 2))
        expect(eventBatches(entries).flat()).toEqual(entries)
      }),
      { numRuns: 30 },
    )
  })
})
