import * as z from 'zod'
import type { Outbox, OutboxRecord } from '../adapters/dynamodb/embedded.ts'
import type { Key } from '../adapters/dynamodb/keys.ts'
import type { Log } from '../core/ports/context.ts'

const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`
const nameOfRecord = ({ keys: { pk, sk } }: OutboxRecord): string => nameOf({ pk: pk?.S ?? '', sk: sk?.S ?? '' })

/** All in seconds. */
const pollEvery = 1
/** The delay from a commit to reading its events: answers go first, and events are read in batches. */
const moment = 0.1
const firstPause = 1
const longestPause = 60

const resultSchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) })

/** The batch as a DynamoDB stream gives it. */
const batchOf = (records: readonly OutboxRecord[]) => ({
  Records: records.map(({ keys, image }, index) => ({
    eventID: `${index}`,
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: { Keys: keys, NewImage: image, SequenceNumber: `${index}`, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  })),
})

interface Delay {
  /** By the monotonic clock, in milliseconds: the wall clock can be set. */
  readonly until: number
  /** In seconds. */
  readonly pause: number
}

interface StreamFeederOptions {
  readonly outbox: Outbox
  readonly invoke: (batch: object) => Promise<unknown>
  readonly log: Log
  readonly secondMilliseconds?: number
}

/**
 * Stands in for the table's stream: hands waiting events to the stream function by aggregate, and removes them from the outbox
 * once they are delivered. An aggregate whose events cannot be published backs off without delaying the others. A new feeder
 * publishes again what was not delivered.
 * @param options.secondMilliseconds the length of a second between reads and attempts.
 */
export const createStreamFeeder = ({ outbox, invoke, log, secondMilliseconds = 1000 }: StreamFeederOptions) => {
  const delays = new Map<string, Delay>()
  const underWay = new Map<string, Promise<void>>()
  /** Published events that some subscribers have not had yet. */
  const published = new Map<string, OutboxRecord>()
  const clearing = new Set<Promise<void>>()
  /** Aggregates being published that have, or may have, more events. */
  const waiting = new Set<string>()
  let closed = false
  let wanted = true
  let wake: () => void = () => undefined
  let soon: NodeJS.Timeout | undefined

  const postpone = (aggregate: string): void => {
    const pause = Math.min(longestPause, (delays.get(aggregate)?.pause ?? firstPause / 2) * 2)
    // Random within its half: what failed together does not come back together.
    const jittered = pause * (1 + Math.random()) * 0.5
    delays.set(aggregate, { pause, until: performance.now() + jittered * secondMilliseconds })
  }

  const feed = async (aggregate: string, records: readonly OutboxRecord[]): Promise<void> => {
    // A subscriber may have an event before the call ends.
    for (const record of records) published.set(nameOfRecord(record), record)
    let first = 0
    try {
      const { batchItemFailures } = resultSchema.parse(await invoke(batchOf(records)))
      const firstFailure = batchItemFailures[0]
      first = firstFailure === undefined ? records.length : Number(firstFailure.itemIdentifier)
    } finally {
      for (const record of records.slice(first)) published.delete(nameOfRecord(record))
    }
    if (first === records.length) delays.delete(aggregate)
    else postpone(aggregate)
  }

  const clear = async (record: OutboxRecord): Promise<void> => {
    try {
      await outbox.clear(record)
    } catch (error) {
      if (!closed) log.warn({ err: error }, 'an event could not leave the outbox; publishing it again')
    } finally {
      published.delete(nameOfRecord(record))
    }
  }

  const nudge = (): void => {
    wanted = true
    wake()
  }

  const feedAlone = async (aggregate: string, records: readonly OutboxRecord[]): Promise<void> => {
    try {
      await feed(aggregate, records)
    } catch (error) {
      postpone(aggregate)
      if (!closed) log.warn({ aggregate, err: error }, 'events could not be published; trying again')
    } finally {
      underWay.delete(aggregate)
      if (waiting.delete(aggregate)) nudge()
    }
  }

  /** Starts to publish due events and does not wait. */
  const round = async (): Promise<void> => {
    // An event that is being published, or leaves the outbox now, may be read as pending.
    const stale = new Set(underWay.keys())
    const before = new Set(published.keys())
    const isNew = (name: string): boolean => !before.has(name) && !published.has(name)
    const pending = (await outbox.pending()).filter((record) => isNew(nameOfRecord(record)))
    const byAggregate = Map.groupBy(pending, ({ aggregate }) => aggregate)
    for (const [aggregate, records] of byAggregate) {
      if (underWay.has(aggregate)) waiting.add(aggregate)
      else if (stale.has(aggregate)) wanted = true
      else if ((delays.get(aggregate)?.until ?? 0) <= performance.now()) {
        underWay.set(aggregate, feedAlone(aggregate, records))
      }
    }
  }

  const loop = async (): Promise<void> => {
    while (!closed) {
      wanted = false
      try {
        await round()
      } catch (error) {
        if (!closed) log.warn({ err: error }, 'events could not be read; trying again')
      }
      if (!wanted && !closed) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const timer = setTimeout(resolve, pollEvery * secondMilliseconds)
        await promise
        clearTimeout(timer)
      }
    }
  }
  const ended = loop()

  return {
    /** Reports a commit: the feeder reads its events a moment later. Otherwise it reads once a second. */
    nudge: (): void => {
      if (closed) return
      soon ??= setTimeout(() => {
        soon = undefined
        nudge()
      }, moment * secondMilliseconds)
    },
    /** Reports that all subscribers have had an event: it leaves the outbox. */
    delivered: (key: Key): void => {
      const record = published.get(nameOf(key))
      if (record === undefined) return
      const cleared = clear(record).finally(() => clearing.delete(cleared))
      clearing.add(cleared)
    },
    /** Whether every earlier event has reached all its subscribers: it leaves the outbox only then. */
    isIdle: async (): Promise<boolean> => (await outbox.pending()).length === 0,
    /** Waits for events that are being published, or are leaving the outbox. */
    close: async (): Promise<void> => {
      closed = true
      clearTimeout(soon)
      wake()
      await ended
      await Promise.all(underWay.values())
      await Promise.all(clearing)
    },
  }
}

export type StreamFeeder = ReturnType<typeof createStreamFeeder>
