import type { ApiAnswer, ApiRequest } from './api/answer-request.ts'
import { answerRequest } from './api/answer-request.ts'
import { createAnswers } from './api/answers.ts'
import { actOnDue } from './billing/act-on-due.ts'
import { createWorld } from './create-world.ts'
import { openDatabase, transact } from './database.ts'
import { createDueRecords } from './due-records.ts'
import { keepDunning, readDunning } from './dunning.ts'
import { randomText as cryptoText } from './random-text.ts'
import { openRecords } from './records/records.ts'
import { createSettings } from './settings-table.ts'
import { StripeFault } from './stripe-fault.ts'
import { startEventDelivery } from './webhooks/deliver-events.ts'
import { createDeliveries } from './webhooks/deliveries.ts'
import type { Clocks, DunningSettings, Log, World } from './world.ts'

export interface StandIn {
  readonly answer: (request: ApiRequest) => ApiAnswer
  /**
   * Does something besides the API, all of it or nothing.
   * @throws {StripeFault}
   */
  readonly step: <Result>(work: (world: World) => Result) => Result
  readonly dunning: () => DunningSettings
  readonly setDunning: (dunning: DunningSettings) => DunningSettings
  /** Does what is due by the domain clock, in order. */
  readonly act: () => void
  /** When something is due next after an instant; undefined where nothing ever is. */
  readonly nextWakeUp: (after: string) => string | undefined
  /** Whether every event has been taken, or refused too often to be waited for. */
  readonly isDelivered: () => boolean
  readonly close: () => Promise<void>
}

export interface StandInOptions {
  /** Of its file, or `:memory:`. */
  readonly path: string
  readonly clocks: Clocks
  readonly log: Log
  /** Where it answers, such as `http://localhost:4000/_local/stripe`. */
  readonly address: string
  /** What clients of its API sign in with. */
  readonly secretKey: string
  /** Where its events go from the beginning, and what signs them; other endpoints may be registered. */
  readonly endpoint?: { readonly url: string; readonly secret: string; readonly events: readonly string[] }
  /** Random letters and digits. */
  readonly randomText?: (length: number) => string
}

/** By the wall clock: what fell due while nobody turned the clock. */
const lookMilliseconds = 1000

const secondsOf = (instant: string): number => Math.floor(Date.parse(instant) / 1000)

/** Opens the stand-in for Stripe. It goes on where the last process left it. */
export const openStandIn = (options: StandInOptions): StandIn => {
  const { clocks, log, address, secretKey, randomText = cryptoText } = options
  const database = openDatabase(options.path)
  const records = openRecords(database)
  const deliveries = createDeliveries(database)
  const answers = createAnswers(database)
  const settings = createSettings(database)
  const due = createDueRecords(database)
  const wall = (): number => Date.parse(clocks.wall())
  const now = (): number => secondsOf(clocks.domain())

  const worldAt = (at: number, request?: { id: string; idempotencyKey: string | undefined }): World =>
    createWorld({
      ...{ records, deliveries, wall, randomText, address, now: at, dunning: readDunning(settings) },
      ...(request === undefined ? {} : { request }),
    })

  if (options.endpoint !== undefined) {
    const { url, secret, events } = options.endpoint
    const id = settings.getOrMake('endpoint', () => `we_${randomText(24)}`)
    records.endpoints.put({
      ...{ id, url, secret, metadata: {}, enabledEvents: [...events], status: 'enabled', apiVersion: null },
      ...{ created: records.endpoints.get(id)?.created ?? now(), description: null, isDeleted: false },
    })
  }
  const delivery = startEventDelivery({ records, deliveries, wall, log })

  /** A fault may leave behind what was done before it; then it is thrown once that is kept. */
  const attempt = <Result>(work: () => Result): Result => {
    let kept: StripeFault | undefined
    const result = transact(database, () => {
      try {
        return { value: work() }
      } catch (error) {
        if (!(error instanceof StripeFault && error.keepsChanges)) throw error
        kept = error
        return undefined
      }
    })
    if (result !== undefined) return result.value
    throw kept ?? new Error('nothing was done')
  }

  const act = (): void => {
    const until = now()
    for (let record = due.first(until); record !== undefined; record = due.first(until)) {
      const world = worldAt(record.due)
      transact(database, () => actOnDue(world, { kind: record?.kind ?? '', id: record?.id ?? '' }))
    }
    delivery.nudge()
  }
  const look = (): void => {
    try {
      act()
    } catch (error) {
      log.error({ err: error }, 'the stand-in for Stripe could not do what is due')
    }
  }
  look()
  const timer = setInterval(look, lookMilliseconds)

  return {
    answer: (request) => {
      // What a request sees has happened up to now, and no later.
      act()
      const world = worldAt(now(), { id: request.requestId, idempotencyKey: request.idempotencyKey })
      const answer = transact(database, () => answerRequest(request, { secretKey, answers, world, attempt }))
      delivery.nudge()
      return answer
    },
    step: (work) => {
      act()
      try {
        return attempt(() => work(worldAt(now())))
      } finally {
        delivery.nudge()
      }
    },
    dunning: () => readDunning(settings),
    setDunning: (dunning) => keepDunning(settings, dunning),
    act,
    nextWakeUp: (after) => {
      const next = due.nextAfter(secondsOf(after))
      return next === undefined ? undefined : new Date(next * 1000).toISOString()
    },
    isDelivered: delivery.isIdle,
    close: async () => {
      clearInterval(timer)
      await delivery.close()
      database.close()
    },
  }
}
