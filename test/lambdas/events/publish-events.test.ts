import { marshall } from '@aws-sdk/util-dynamodb'
import { expect, it } from 'vitest'
import type { DomainEvent } from '../../../core/events/event.ts'
import { EventsNotTaken } from '../../../core/ports/delivery.ts'
import { create } from '../../../lambdas/events/publish-events.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'

const event = (version: number): DomainEvent => ({
  schemaVersion: 1,
  id: `evt_01jq3v5k8m000000000000000${version}`,
  type: 'SiteBuildAdvanced',
  aggregate: { type: 'site', id: 'site_01jq3v5k8m0000000000000000' },
  version,
  at: '2026-01-31T09:30:00.000Z',
  actor: { kind: 'system' },
  causationId: 'req_1',
  data: { status: 'building', plan: 'trial', cell: 'local', blueprint: { name: 'welcome', version: 1 }, step: 'start' },
})

const record = (number: number, item: object | undefined, eventName = 'INSERT') => ({
  eventName,
  dynamodb: { SequenceNumber: String(number), ...(item === undefined ? {} : { NewImage: marshall(item) }) },
})
const eventRecord = (version: number) =>
  record(version, { pk: 'SITE#1', sk: `EVENT#${version}`, kind: 'event', content: event(version) })

/** The published entries of a batch, and the function's answer; the bus refuses one version. */
const publish = async (records: readonly object[], refused?: number, atOnce?: number) => {
  const published: number[] = []
  const calls: number[] = []
  const lines: object[] = []
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => lines.push(fields) }
  const handler = create({
    log,
    bus: {
      ...(atOnce === undefined ? {} : { atOnce }),
      publish: async (events) => {
        calls.push(events.length)
        for (const [index, { version }] of events.entries()) {
          if (version === refused) throw new EventsNotTaken('the bus is full', index)
          published.push(version)
        }
      },
    },
  })
  const result = await handler({ Records: records }, lambdaContext('publish-events', 30))
  return { published, result, lines, calls }
}

it('publishes events in the order of the stream', async () => {
  expect(await publish([1, 2, 3].map(eventRecord))).toEqual({
    published: [1, 2, 3],
    result: { batchItemFailures: [] },
    lines: [],
    calls: [1, 1, 1],
  })
})

it('publishes so many events together as the bus takes', async () => {
  const { published, calls } = await publish([1, 2, 3, 4, 5].map(eventRecord), undefined, 2)
  expect(published).toEqual([1, 2, 3, 4, 5])
  expect(calls).toEqual([2, 2, 1])
})

it('names the first event that was not taken of those published together', async () => {
  const { published, result } = await publish([1, 2, 3, 4, 5].map(eventRecord), 4, 3)
  expect(published).toEqual([1, 2, 3])
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: '4' }] })
  const second = await publish([1, 2, 3].map(eventRecord), 2, 3)
  expect(second.result).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] })
})

it('publishes what comes before an event that it cannot read, also together', async () => {
  const unreadable = { pk: 'SITE#1', sk: 'EVENT#2', kind: 'event', content: { ...event(2), schemaVersion: 2 } }
  const { published, result } = await publish([eventRecord(1), record(2, unreadable), eventRecord(3)], undefined, 10)
  expect(published).toEqual([1])
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] })
})

it('skips records that are not new events', async () => {
  const site = { pk: 'SITE#1', sk: 'SITE', kind: 'site', content: {} }
  const { published, result } = await publish([
    record(1, site),
    record(2, { pk: 'x', sk: 'x' }),
    record(3, undefined, 'REMOVE'),
    record(4, { pk: 'SITE#1', sk: 'EVENT#4', kind: 'event', content: event(4) }, 'MODIFY'),
    eventRecord(5),
  ])
  expect(published).toEqual([5])
  expect(result).toEqual({ batchItemFailures: [] })
})

it('keeps later events behind one that cannot be published', async () => {
  const { published, result, lines } = await publish([1, 2, 3].map(eventRecord), 2)
  expect(published).toEqual([1])
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] })
  expect(lines).toMatchObject([{ key: 'SITE#1', sort: 'EVENT#2' }])
})

it('keeps later events behind one that this version cannot read', async () => {
  const unreadable = { pk: 'SITE#1', sk: 'EVENT#2', kind: 'event', content: { ...event(2), schemaVersion: 2 } }
  const { published, result } = await publish([eventRecord(1), record(2, unreadable), eventRecord(3)])
  expect(published).toEqual([1])
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] })
})
