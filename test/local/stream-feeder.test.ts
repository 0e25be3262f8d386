import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Outbox, OutboxRecord } from '../../adapters/dynamodb/embedded.ts'
import { createStreamFeeder, type StreamFeeder } from '../../local/stream-feeder.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

interface Batch {
  readonly Records: readonly { readonly dynamodb: { readonly Keys: { pk: { S: string }; sk: { S: string } } } }[]
}

const done = { batchItemFailures: [] }
const failedAt = (itemIdentifier: string) => ({ batchItemFailures: [{ itemIdentifier }] })

const record = (aggregate: string, version: number): OutboxRecord => {
  const keys = { pk: { S: aggregate }, sk: { S: `EVENT#${version}` } }
  return { aggregate, keys, image: keys }
}

/** An outbox in memory, which can refuse to forget. */
const outboxOf = (...records: readonly OutboxRecord[]) => {
  const waiting = [...records]
  let clearing: () => Promise<void> = async () => undefined
  const outbox: Outbox = {
    pending: async () => [...waiting],
    clear: async (cleared) => {
      await clearing()
      const index = waiting.findIndex(({ keys }) => JSON.stringify(keys) === JSON.stringify(cleared.keys))
      if (index >= 0) waiting.splice(index, 1)
    },
  }
  return {
    outbox,
    waiting,
    clearWith: (clear: () => Promise<void>) => {
      clearing = clear
    },
  }
}

const open: StreamFeeder[] = []

const keyOf = (event: string) => {
  const [pk = '', version] = event.split(' ')
  return { pk, sk: `EVENT#${version}` }
}

/**
 * Feeds from an outbox; `handle` plays the stream function, and what it is given is noted as `aggregate version`.
 * @param isDelivered whether subscribers have an event at once; the others have it by `deliver`.
 */
const feed = (
  outbox: Outbox,
  handle: (events: readonly string[], call: number) => unknown = () => done,
  isDelivered: (event: string) => boolean = () => true,
) => {
  const calls: (readonly string[])[] = []
  const deliver = (event: string) => feeder.delivered(keyOf(event))
  const feeder = createStreamFeeder({
    outbox,
    log,
    invoke: async (batch) => {
      const events = (batch as Batch).Records.map(({ dynamodb: { Keys } }) => `${Keys.pk.S} ${Keys.sk.S.slice(6)}`)
      calls.push(events)
      const result = await handle(events, calls.length)
      const failed = (result as typeof done | undefined)?.batchItemFailures[0] as { itemIdentifier: string } | undefined
      const published = events.slice(0, failed === undefined ? events.length : Number(failed.itemIdentifier))
      if (result !== undefined) published.filter(isDelivered).forEach(deliver)
      return result
    },
  })
  open.push(feeder)
  return { feeder, calls, deliver }
}

const advance = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})

afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.splice(0).map((feeder) => feeder.close()))
})

describe('the stream feeder', () => {
  it('hands over what waits, aggregate by aggregate in the order of versions, once', async () => {
    const { outbox, waiting } = outboxOf(record('a', 1), record('a', 2), record('b', 1))
    const { calls } = feed(outbox)
    await advance(5000)
    expect(calls).toEqual([['a 1', 'a 2'], ['b 1']])
    expect(waiting).toEqual([])
  })

  it('is idle once what waits has reached its subscribers, and not before', async () => {
    const { outbox } = outboxOf(record('a', 1))
    const handled = Promise.withResolvers<object>()
    const { feeder } = feed(outbox, () => handled.promise)
    await advance(2000)
    expect(await feeder.isIdle()).toBe(false)
    handled.resolve(done)
    await advance(10)
    expect(await feeder.isIdle()).toBe(true)
  })

  it('publishes later events while a subscriber of an earlier one fails, and nothing twice', async () => {
    const { outbox, waiting } = outboxOf(record('a', 1))
    const { feeder, calls, deliver } = feed(outbox, undefined, (event) => event !== 'a 1')
    await advance(0)
    waiting.push(record('a', 2), record('b', 1))
    await advance(60_000)
    expect(calls).toEqual([['a 1'], ['a 2'], ['b 1']])
    expect(waiting).toEqual([record('a', 1)])
    expect(await feeder.isIdle()).toBe(false)
    deliver('a 1')
    await advance(10)
    expect([calls.length, await feeder.isIdle()]).toEqual([3, true])
  })

  it('leaves an event that a subscriber has not had to the next feeder', async () => {
    const { outbox } = outboxOf(record('a', 1), record('a', 2))
    const first = feed(outbox, undefined, (event) => event !== 'a 1')
    await advance(0)
    await first.feeder.close()
    const next = feed(outbox)
    await advance(0)
    expect(next.calls).toEqual([['a 1']])
  })

  it('looks by itself once a second, and a moment after a commit', async () => {
    const { outbox, waiting } = outboxOf()
    const { feeder, calls } = feed(outbox)
    await advance(1)
    waiting.push(record('a', 1))
    await advance(900)
    expect(calls).toEqual([])
    await advance(100)
    expect(calls).toEqual([['a 1']])
    waiting.push(record('a', 2))
    feeder.nudge()
    await advance(50)
    waiting.push(record('a', 3))
    feeder.nudge()
    expect(calls).toEqual([['a 1']])
    await advance(50)
    expect(calls).toEqual([['a 1'], ['a 2', 'a 3']])
  })

  it('takes out what was published before a failure, and begins again with what failed', async () => {
    const { outbox, waiting } = outboxOf(record('a', 1), record('a', 2), record('a', 3))
    const { calls } = feed(outbox, (_events, call) => (call === 1 ? failedAt('1') : done))
    await advance(0)
    expect(waiting).toEqual([record('a', 2), record('a', 3)])
    await advance(2000)
    expect(calls).toEqual([
      ['a 1', 'a 2', 'a 3'],
      ['a 2', 'a 3'],
    ])
    expect(waiting).toEqual([])
  })

  it.each([
    ['says that it failed', () => failedAt('0')],
    ['throws', () => Promise.reject(new Error('broken'))],
    ['answers nonsense', () => undefined],
  ])('waits longer each time with an aggregate whose function %s, and serves the others', async (_how, fail) => {
    const { outbox, waiting } = outboxOf(record('bad', 1), record('good', 1))
    const { feeder, calls } = feed(outbox, ([event]) => (event?.startsWith('bad') ? fail() : done))
    const tries = () => calls.filter(([event]) => event === 'bad 1').length
    await advance(0)
    expect(waiting).toEqual([record('bad', 1)])
    for (let commit = 0; commit < 5; commit += 1) {
      waiting.push(record('good', commit + 2))
      feeder.nudge()
      await advance(100)
      expect(waiting).toEqual([record('bad', 1)])
    }
    expect(tries()).toBe(1)
    await advance(1500)
    expect(tries()).toBe(2)
    await advance(900)
    expect(tries()).toBe(2)
    await advance(600_000)
    expect(tries()).toBeGreaterThan(8)
    // The pauses are random: the shortest is half of the longest pause.
    expect(tries()).toBeLessThan(30)
  })

  it('is not held up by a wall clock that is set back', async () => {
    const { outbox, waiting } = outboxOf(record('a', 1))
    const { calls } = feed(outbox, () => (calls.length === 1 ? failedAt('0') : done))
    await advance(0)
    expect(waiting).toEqual([record('a', 1)])
    vi.setSystemTime(Date.now() - 31 * 86_400_000)
    await advance(2000)
    expect(waiting).toEqual([])
  })

  it('continues with the others while one aggregate takes its time, and keeps that one in order', async () => {
    const { outbox, waiting } = outboxOf(record('slow', 1), record('quick', 1))
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const { feeder, calls } = feed(outbox, ([event]) => (event === 'slow 1' ? promise : done))
    await advance(0)
    waiting.push(record('slow', 2), record('quick', 2))
    feeder.nudge()
    await advance(5000)
    expect(calls).toEqual([['slow 1'], ['quick 1'], ['quick 2']])
    resolve(done)
    await advance(0)
    expect(calls.at(-1)).toEqual(['slow 2'])
    expect(waiting).toEqual([])
  })

  it('publishes again what was published and could not be taken out', async () => {
    const { outbox, waiting, clearWith } = outboxOf(record('a', 1))
    clearWith(async () => {
      throw new Error('the reply was lost')
    })
    const { calls } = feed(outbox)
    await advance(0)
    clearWith(async () => undefined)
    await advance(2000)
    expect(calls).toEqual([['a 1'], ['a 1']])
    expect(waiting).toEqual([])
  })

  it('that ended between publishing and taking out leaves the event to the next one', async () => {
    const { outbox, clearWith } = outboxOf(record('a', 1))
    clearWith(() => new Promise(() => undefined))
    const first = feed(outbox)
    await advance(0)
    expect(first.calls).toEqual([['a 1']])
    open.splice(open.indexOf(first.feeder), 1)
    clearWith(async () => undefined)
    const next = feed(outbox)
    await advance(0)
    expect(next.calls).toEqual([['a 1']])
  })

  it('continues once the outbox can be read again', async () => {
    const { outbox } = outboxOf(record('a', 1))
    const pending = vi.fn(outbox.pending).mockRejectedValueOnce(new Error('the engine is away'))
    const { calls } = feed({ ...outbox, pending })
    await advance(0)
    expect(calls).toEqual([])
    await advance(1000)
    expect(calls).toEqual([['a 1']])
  })

  it('that is closed waits for what is being published, and begins nothing more', async () => {
    const { outbox, waiting } = outboxOf(record('a', 1))
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const { feeder, calls } = feed(outbox, () => promise)
    await advance(0)
    let isClosed = false
    const closing = feeder.close().then(() => {
      isClosed = true
    })
    waiting.push(record('b', 1))
    feeder.nudge()
    await advance(5000)
    expect(isClosed).toBe(false)
    resolve(done)
    await closing
    expect(calls).toEqual([['a 1']])
    expect(waiting).toEqual([record('b', 1)])
  })
})
