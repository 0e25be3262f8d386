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
  dynamodb: {
    SequenceNumber: String(number),
    ApproximateCreationDateTime: Date.parse('2026-01-31T09:30:00.000Z') / 1000,
    ...(item === undefined ? {} : { NewImage: marshall(item) }),
  },
})
const eventRecord = (version: number) =>
  record(version, { pk: 'SITE#1', sk: `EVENT#${version}`, kind: 'event', content: event(version) })

const unreadableRecord = (version: number) =>
  record(version, {
    ...{ pk: 'SITE#1', sk: `EVENT#${version}`, kind: 'event' },
    content: { ...event(version), schemaVersion: 2 },
  })

/** The published entries of a batch, and the function's answer; the bus refuses one version. */
const publish = async (
  records: readonly object[],
  refused?: number,
  atOnce?: number,
  { now = '2026-01-31T09:31:00.000Z', keeps = true } = {},
) => {
  const published: number[] = []
  const calls: number[] = []
  const kept: unknown[] = []
  const lines: object[] = []
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => lines.push(fields) }
  const handler = create({
    log,
    clocks: { wall: () => now, domain: () => now },
    ...(keeps ? { unpublishedRecords: { keep: async (one) => void kept.push(one) } } : {}),
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
  const result = await handler({ Records: records }, lambdaContext('publish-events', 30)).catch(String)
  return { published, result, lines, calls, kept }
}

it('publishes events in the order of the stream', async () => {
  expect(await publish([1, 2, 3].map(eventRecord))).toEqual({
    published: [1, 2, 3],
    result: { batchItemFailures: [] },
    lines: [],
    calls: [1, 1, 1],
    kept: [],
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
  const { published, result } = await publish([eventRecord(1), unreadableRecord(2), eventRecord(3)], undefined, 10)
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
  const { published, result, kept } = await publish([eventRecord(1), unreadableRecord(2), eventRecord(3)])
  expect(published).toEqual([1])
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] })
  expect(kept).toEqual([])
})

const muchLater = '2026-01-31T09:46:00.000Z'

it('keeps an event aside that no version has read for a quarter of an hour, and goes on', async () => {
  const batch = [eventRecord(1), unreadableRecord(2), eventRecord(3), unreadableRecord(4)]
  const { published, result, lines, kept } = await publish(batch, undefined, 10, { now: muchLater })
  expect(published).toEqual([1, 3])
  expect(result).toEqual({ batchItemFailures: [] })
  expect(lines).toMatchObject([
    { event: 'event-kept-aside', key: 'SITE#1', sort: 'EVENT#2' },
    { event: 'event-kept-aside', key: 'SITE#1', sort: 'EVENT#4' },
  ])
  // The whole record: a later version publishes it from there.
  expect(kept).toEqual([batch[1], batch[3]])
})

it('takes records as version 2 of the AWS CLI prints them, whose time is text', async () => {
  const printed = [eventRecord(1), unreadableRecord(2)].map((one) => {
    const { dynamodb } = one
    return { ...one, dynamodb: { ...dynamodb, ApproximateCreationDateTime: '2026-01-31T10:30:00+01:00' } }
  })
  const soon = await publish(printed, undefined, 10)
  expect([soon.published, soon.kept]).toEqual([[1], []])
  expect(await publish(printed, undefined, 10, { now: muchLater })).toMatchObject({
    ...{ published: [1], result: { batchItemFailures: [] } },
    kept: [unreadableRecord(2)],
  })
})

it('keeps an event aside that cannot even be decoded', async () => {
  const huge = eventRecord(1)
  Object.assign(huge.dynamodb.NewImage ?? {}, { version: { N: '12345678901234567890.5' } })
  const { published, result, kept } = await publish([huge, eventRecord(2)], undefined, 10, { now: muchLater })
  expect({ published, result, kept }).toEqual({ published: [2], result: { batchItemFailures: [] }, kept: [huge] })
})

it('fails as a whole where the first event cannot be published, so that its errors are counted', async () => {
  const refused = await publish([1, 2].map(eventRecord), 1)
  expect(refused).toMatchObject({ published: [], result: 'EventsNotTaken: the bus is full' })
  const unreadable = await publish([unreadableRecord(1), eventRecord(2)])
  expect(unreadable.result).toContain('EventsNotTaken')
  expect(unreadable.lines).toMatchObject([{ event: 'event-not-published', sort: 'EVENT#1' }])
})

it('lets the events of a site wait on one machine, where no others do', async () => {
  const { published, result } = await publish([eventRecord(1), unreadableRecord(2)], undefined, 10, {
    ...{ now: muchLater, keeps: false },
  })
  expect({ published, result }).toEqual({ published: [1], result: { batchItemFailures: [{ itemIdentifier: '2' }] } })
})
