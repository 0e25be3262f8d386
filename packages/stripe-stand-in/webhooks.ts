import { createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { eventObject, events } from './resources/events.ts'
import { webhookEndpoints } from './resources/webhook-endpoints.ts'
import type { Store } from './store.ts'
import type { Log } from './world.ts'

/**
 * The `Stripe-Signature` of a body: https://docs.stripe.com/webhooks#verify-manually
 * @param secret all of it, `whsec_` included.
 * @param seconds since 1970, by the wall clock.
 */
export const signPayload = (body: string, secret: string, seconds: number): string => {
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${signature}`
}

/** An event that an endpoint has not acknowledged yet. */
const deliverySchema = z.object({ event: z.string(), endpoint: z.string(), attempts: z.int() })

type Delivery = z.infer<typeof deliverySchema>

const countSchema = z.object({ count: z.int() })
const nextSchema = z.object({ next: z.int().nullable() })

export const createDeliveries = ({ database }: Pick<Store, 'database'>) => {
  const insert = database.prepare('INSERT INTO deliveries (event, endpoint, attempts, next_at) VALUES (?, ?, 0, ?)')
  const due = database.prepare(
    'SELECT event, endpoint, attempts FROM deliveries WHERE next_at <= ? ORDER BY next_at, rowid LIMIT ?',
  )
  const postpone = database.prepare(
    'UPDATE deliveries SET attempts = attempts + 1, next_at = ? WHERE event = ? AND endpoint = ?',
  )
  const remove = database.prepare('DELETE FROM deliveries WHERE event = ? AND endpoint = ?')
  const fresh = database.prepare('SELECT COUNT(*) AS count FROM deliveries WHERE attempts < ?')
  const first = database.prepare('SELECT MIN(next_at) AS next FROM deliveries')
  return {
    add: (event: string, endpoint: string, at: number): void => {
      insert.run(event, endpoint, at)
    },
    due: (at: number, atMost: number): readonly Delivery[] =>
      due.all(at, atMost).map((row) => deliverySchema.parse(row)),
    postpone: ({ event, endpoint }: Delivery, nextAt: number): void => {
      postpone.run(nextAt, event, endpoint)
    },
    remove: ({ event, endpoint }: Delivery): void => {
      remove.run(event, endpoint)
    },
    /** How many had fewer attempts than that. */
    triedLessThan: (attempts: number): number => countSchema.parse(fresh.get(attempts)).count,
    nextAt: (): number | undefined => nextSchema.parse(first.get()).next ?? undefined,
  }
}

/** In milliseconds; undefined after the last attempt. Sooner than Stripe, for a machine that somebody watches. */
const pauseAfter = (attempts: number): number | undefined =>
  attempts >= longestAttempts ? undefined : Math.min(firstPause * 2 ** attempts, longestPause)

const atOnce = 8
const patienceMilliseconds = 10_000
const firstPause = 100
const longestPause = 60_000
/** After an attempt whose end could not be stored. */
const storePause = 1000
/** For three days, as Stripe tries. */
const longestAttempts = 72 * 60
/** After so many attempts nobody waits for an event any more. */
const hopefulAttempts = 4

/**
 * Delivers signed events to the endpoints that want them until they are acknowledged, in any order. An attempt that the end of the
 * process interrupts is made again.
 * @param options.wall the wall clock in milliseconds since 1970.
 */
export const startEventDelivery = ({
  store,
  deliveries,
  wall,
  log,
}: {
  readonly store: Store
  readonly deliveries: ReturnType<typeof createDeliveries>
  readonly wall: () => number
  readonly log: Log
}) => {
  const closing = new AbortController()
  const underWay = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | undefined

  const send = async (url: string, secret: string, body: string): Promise<string | undefined> => {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://docs.stripe.com/webhooks)',
        'stripe-signature': signPayload(body, secret, Math.floor(wall() / 1000)),
      },
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(patienceMilliseconds)]),
    })
    await response.arrayBuffer()
    return response.ok ? undefined : `it answered ${response.status}`
  }

  const attempt = async (delivery: Delivery): Promise<void> => {
    const event = events.get({ store }, delivery.event)
    const endpoint = webhookEndpoints.get({ store }, delivery.endpoint)
    if (event === undefined || endpoint?.status !== 'enabled') return deliveries.remove(delivery)
    const body = JSON.stringify(eventObject(event))
    const failure = await send(endpoint.url, endpoint.secret, body).catch((error: unknown) => String(error))
    if (closing.signal.aborted) return
    if (failure === undefined) return deliveries.remove(delivery)
    const wait = pauseAfter(delivery.attempts)
    if (wait === undefined) {
      log.error({ eventId: event.id, type: event.type }, 'an event of the stand-in for Stripe was never taken')
      return deliveries.remove(delivery)
    }
    if (delivery.attempts + 1 === hopefulAttempts) {
      log.warn({ eventId: event.id, type: event.type, failure }, 'an event of the stand-in for Stripe is not taken')
    }
    deliveries.postpone(delivery, wall() + wait)
  }

  const attemptAndGoOn = async (delivery: Delivery, key: string): Promise<void> => {
    try {
      await attempt(delivery)
    } catch (error) {
      log.error({ eventId: delivery.event, err: error }, 'the stand-in for Stripe could not store how a delivery went')
      // Such as a full disk. It is still due, and another attempt at once would fail too.
      await pause(storePause, undefined, { signal: closing.signal }).catch(() => undefined)
    }
    underWay.delete(key)
    nudge()
  }

  const nudge = (): void => {
    clearTimeout(timer)
    if (closing.signal.aborted) return
    // Running ones are still due and must not displace the others.
    for (const delivery of deliveries.due(wall(), atOnce + underWay.size)) {
      const key = `${delivery.event} ${delivery.endpoint}`
      if (underWay.has(key) || underWay.size >= atOnce) continue
      underWay.set(key, attemptAndGoOn(delivery, key))
    }
    const next = deliveries.nextAt()
    if (next === undefined || underWay.size > 0) return
    timer = setTimeout(nudge, Math.max(1, next - wall()))
  }

  nudge()
  return {
    /** Looks for events to deliver. */
    nudge,
    /** Whether every event was acknowledged or refused too often. */
    isIdle: (): boolean => deliveries.triedLessThan(hopefulAttempts) === 0,
    close: async (): Promise<void> => {
      closing.abort()
      clearTimeout(timer)
      await Promise.all(underWay.values())
    },
  }
}
