import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { expect, it } from 'vitest'
import { createEventBridgeBus } from '../../../adapters/eventbridge/event-bus.ts'
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
  await expect(bus.publish(events)).rejects.toThrow('1 of 10 events were not taken: ThrottlingException')
  expect(calls.flat()).toEqual(events.slice(0, 20).map(({ id }) => id))
})

it('events are sent in their order', async () => {
  const events = manyEvents(25)
  const { bus, calls } = open(() => true)
  await bus.publish(events)
  expect(calls.map(({ length }) => length)).toEqual([10, 10, 5])
  expect(calls.flat()).toEqual(events.map(({ id }) => id))
})
