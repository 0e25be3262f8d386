import { eventObject } from '../objects/event-object.ts'
import type { Records } from '../records/records.ts'
import type { Log } from '../world.ts'
import type { Deliveries, Delivery } from './deliveries.ts'
import { signPayload } from './sign-payload.ts'

const atOnce = 8
const patienceMilliseconds = 10_000
const firstPause = 100
const longestPause = 60_000
/** Stripe tries for three days as well. */
const longestAttempts = 72 * 60
/** What was tried so often is not waited for any more. */
const hopefulAttempts = 4

export interface EventDelivery {
  /** Says that there may be something to deliver. */
  readonly nudge: () => void
  /** Whether everything has arrived that there is hope for. */
  readonly isIdle: () => boolean
  readonly close: () => Promise<void>
}

/**
 * Delivers events to the endpoints that want them, signed, until they are taken. What is under way when the process ends is
 * delivered again. No order is kept.
 * @param options.wall milliseconds since 1970 that nobody turns.
 */
export const startEventDelivery = ({
  records,
  deliveries,
  wall,
  log,
}: {
  readonly records: Pick<Records, 'endpoints' | 'events'>
  readonly deliveries: Deliveries
  readonly wall: () => number
  readonly log: Log
}): EventDelivery => {
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
    const event = records.events.get(delivery.event)
    const endpoint = records.endpoints.get(delivery.endpoint)
    if (event === undefined || endpoint?.status !== 'enabled') return deliveries.remove(delivery)
    const body = JSON.stringify(eventObject(event, deliveries.pendingOf(event.id)))
    const failure = await send(endpoint.url, endpoint.secret, body).catch((error: unknown) => String(error))
    if (closing.signal.aborted) return
    if (failure === undefined) return deliveries.remove(delivery)
    if (delivery.attempts >= longestAttempts) {
      log.error({ eventId: event.id, type: event.type }, 'an event of the stand-in for Stripe was never taken')
      return deliveries.remove(delivery)
    }
    if (delivery.attempts + 1 === hopefulAttempts) {
      log.warn({ eventId: event.id, type: event.type, failure }, 'an event of the stand-in for Stripe is not taken')
    }
    deliveries.postpone(delivery, wall() + Math.min(firstPause * 2 ** delivery.attempts, longestPause))
  }

  const nudge = (): void => {
    clearTimeout(timer)
    if (closing.signal.aborted) return
    // Those under way are still due: they must not fill the places of the others.
    for (const delivery of deliveries.due(wall(), atOnce + underWay.size)) {
      const key = `${delivery.event} ${delivery.endpoint}`
      if (underWay.has(key) || underWay.size >= atOnce) continue
      const attempted = attempt(delivery).finally(() => {
        underWay.delete(key)
        nudge()
      })
      underWay.set(key, attempted)
    }
    const next = deliveries.nextAt()
    if (next === undefined || underWay.size > 0) return
    timer = setTimeout(nudge, Math.max(1, next - wall()))
  }

  nudge()
  return {
    nudge,
    isIdle: () => deliveries.triedLessThan(hopefulAttempts) === 0,
    close: async () => {
      closing.abort()
      clearTimeout(timer)
      await Promise.all(underWay.values())
    },
  }
}
