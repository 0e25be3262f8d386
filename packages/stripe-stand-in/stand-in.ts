import { randomInt } from 'node:crypto'
import { type ApiAnswer, type ApiRequest, answerRequest } from './api/answer-request.ts'
import { createAnswers } from './api/idempotency.ts'
import { createOutages, type Outage } from './api/outages.ts'
import { actOnDue } from './billing/subscription-life.ts'
import { StripeFault } from './fault.ts'
import { events } from './resources/events.ts'
import { webhookEndpoints } from './resources/webhook-endpoints.ts'
import { openStore } from './store.ts'
import { createDeliveries, startEventDelivery } from './webhooks.ts'
import type { Clocks, Log, World } from './world.ts'

/** A request besides the API. */
export interface Asked {
  readonly method: string
  /** Below the stand-in's address. */
  readonly path: string
  readonly body: string
}

export interface Result {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface StandIn {
  readonly answer: (request: ApiRequest) => ApiAnswer
  /** Does something besides the API, all of it or nothing. @throws {StripeFault} */
  readonly step: <Result>(work: (world: World) => Result) => Result
  /** Makes the API fail; undefined ends that. */
  readonly fail: (outage: Outage | undefined) => void
  /** Does what is due by the domain clock, in order. */
  readonly act: () => void
  /** The next instant after this one at which something is due; undefined if nothing ever is. */
  readonly nextWakeUp: (after: string) => string | undefined
  /** Whether every event was acknowledged or refused too often. */
  readonly isDelivered: () => boolean
  readonly close: () => Promise<void>
}

export interface StandInOptions {
  /** The path of its file, or `:memory:`. */
  readonly path: string
  readonly clocks: Clocks
  readonly log: Log
  /** Where it answers, such as `http://localhost:4000/_local/stripe`. */
  readonly address: string
  /** The key that clients of its API sign in with. */
  readonly secretKey: string
  /** A webhook endpoint that exists from the beginning; the API may add others. */
  readonly endpoint?: { readonly url: string; readonly secret: string; readonly events: readonly string[] }
  readonly randomText?: (length: number) => string
}

/** The interval of checks for due work while nobody advances the clock. */
const pollMilliseconds = 1000

const secondsOf = (instant: string): number => Math.floor(Date.parse(instant) / 1000)

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Nobody can guess it: the id of a checkout or a portal session opens its page. */
export const randomText = (length: number): string =>
  Array.from({ length }, () => letters.charAt(randomInt(letters.length))).join('')

/** A plain copy: an event keeps its object as it was. */
const copyOf = (object: object): Record<string, unknown> => Object.fromEntries(Object.entries(structuredClone(object)))

/** Opens the stand-in without its HTTP server. */
export const openStandIn = (options: StandInOptions): StandIn => {
  const { clocks, log, address, secretKey, randomText: text = randomText } = options
  const store = openStore(options.path)
  const deliveries = createDeliveries(store)
  const answers = createAnswers(store)
  const outages = createOutages()
  const wall = (): number => Date.parse(clocks.wall())
  const present = (): number => secondsOf(clocks.domain())
  const newId = (prefix: string): string => `${prefix}${text(24)}`

  /** @param request the request that asks for the step; absent if time does. */
  const worldAt = (now: number, request?: Pick<ApiRequest, 'requestId' | 'idempotencyKey'>): World => ({
    ...{ store, now, newId, address },
    emit: (type, object, previous) => {
      const event = events.put(
        { store },
        {
          id: newId('evt_'),
          created: now,
          type,
          object: copyOf(object),
          previous: previous === undefined ? null : copyOf(previous),
          request: request?.requestId ?? null,
          idempotencyKey: request?.idempotencyKey ?? null,
        },
      )
      for (const { id, status, enabledEvents } of webhookEndpoints.list({ store })) {
        const isWanted = enabledEvents.includes('*') || enabledEvents.includes(type)
        if (status === 'enabled' && isWanted) deliveries.add(event.id, id, Math.floor(wall()))
      }
    },
  })

  if (options.endpoint !== undefined) {
    const { url, secret, events: enabled } = options.endpoint
    const id = store.setting('endpoint', () => newId('we_'))
    const created = webhookEndpoints.get({ store }, id)?.created ?? present()
    const given = { url, secret, enabledEvents: [...enabled] }
    webhookEndpoints.put({ store }, { id, created, ...given, status: 'enabled', apiVersion: null, metadata: {} })
  }
  const delivery = startEventDelivery({ store, deliveries, wall, log })

  /** Commits also what was done before a fault that keeps its changes, and throws that then. */
  const attempt = <Result>(work: () => Result): Result => {
    let kept: StripeFault | undefined
    const result = store.transact(() => {
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
    const until = present()
    for (let record = store.firstDue(until); record !== undefined; record = store.firstDue(until)) {
      const { due, ...found } = record
      store.transact(() => actOnDue(worldAt(due), found))
    }
    delivery.nudge()
  }
  const check = (): void => {
    try {
      act()
    } catch (error) {
      log.error({ err: error }, 'the stand-in for Stripe could not do what is due')
    }
  }
  check()
  const timer = setInterval(check, pollMilliseconds)

  return {
    answer: (request) => {
      // A request sees everything that is due by now.
      act()
      const world = worldAt(present(), request)
      const outage = outages.take(request)
      const answer = store.transact(() => answerRequest(request, { secretKey, answers, world, attempt, outage }))
      delivery.nudge()
      return answer
    },
    step: (work) => {
      act()
      try {
        return attempt(() => work(worldAt(present())))
      } finally {
        delivery.nudge()
      }
    },
    fail: (outage) => (outage === undefined ? outages.end() : outages.plan(outage)),
    act,
    nextWakeUp: (after) => {
      const next = store.nextDue(secondsOf(after))
      return next === undefined ? undefined : new Date(next * 1000).toISOString()
    },
    isDelivered: delivery.isIdle,
    close: async () => {
      clearInterval(timer)
      await delivery.close()
      store.close()
    },
  }
}
