import * as z from 'zod'
import type { Outbox, OutboxRecord } from '../adapters/dynamodb/outbox.ts'
import type { Log } from '../core/ports/context.ts'

export interface StreamFeeder {
  /** Reports a commit: the feeder reads its events a moment later. Otherwise it reads once a second. */
  readonly nudge: () => void
  /** Whether every earlier event has reached all its subscribers. */
  readonly isIdle: () => Promise<boolean>
  /** Waits for events that are being published. */
  readonly close: () => Promise<void>
}

/** All in seconds. */
const lookEvery = 1
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

/**
 * Stands in for the table's stream: hands waiting events to the stream function by aggregate and removes them from the
 * outbox once they are published. A failed aggregate backs off without delaying the others.
 * @param options.secondMilliseconds the length of a second between reads and attempts.
 */
export const createStreamFeeder = ({
  outbox,
  invoke,
  log,
  secondMilliseconds = 1000,
}: {
  readonly outbox: Outbox
  readonly invoke: (batch: object) => Promise<unknown>
  readonly log: Log
  readonly secondMilliseconds?: number
}): StreamFeeder => {
  const delays = new Map<string, Delay>()
  const underWay = new Map<string, Promise<void>>()
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
    const { batchItemFailures } = resultSchema.parse(await invoke(batchOf(records)))
    const firstFailure = batchItemFailures[0]
    const published = firstFailure === undefined ? records : records.slice(0, Number(firstFailure.itemIdentifier))
    for (const record of published) await outbox.clear(record)
    if (firstFailure === undefined) delays.delete(aggregate)
    else postpone(aggregate)
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

  /** Starts to publish due events and does not wait: one aggregate's slow subscriber does not delay another aggregate. */
  const round = async (): Promise<void> => {
    // An event that is being published now may be read as pending.
    const stale = new Set(underWay.keys())
    const byAggregate = Map.groupBy(await outbox.pending(), ({ aggregate }) => aggregate)
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
        const timer = setTimeout(resolve, lookEvery * secondMilliseconds)
        await promise
        clearTimeout(timer)
      }
    }
  }
  const ended = loop()

  return {
    nudge: () => {
      if (closed) return
      soon ??= setTimeout(() => {
        soon = undefined
        nudge()
      }, moment * secondMilliseconds)
    },
    // An event leaves the outbox only once it is published.
    isIdle: async () => (await outbox.pending()).length === 0,
    close: async () => {
      closed = true
      clearTimeout(soon)
      wake()
      await ended
      await Promise.all(underWay.values())
    },
  }
}
