import timers from 'node:timers/promises'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { Deliver } from './smtp-transport.ts'
import { afterAttempt, awaitsDelivery, type Spool, type StoredMessage, withoutContent } from './spool.ts'

export interface DeliveryPace {
  /** The pause after the first failure; it doubles from there. */
  readonly firstPauseMilliseconds: number
  /** For a young message, whose code somebody waits for. */
  readonly longestPauseMilliseconds: number
}

/** As RFC 5321 (4.5.4.1) wants it. A server that limits or greylists its clients counts each try. */
const longestOfAll = 30 * 60_000

/** An eighth of a message's age, between the two longest pauses. */
const pauseOf = ({ sentAt, attempts }: StoredMessage, pace: DeliveryPace, now: string): number => {
  const age = Date.parse(now) - Date.parse(sentAt)
  const longest = Math.max(pace.longestPauseMilliseconds, Math.min(age / 8, longestOfAll))
  return Math.round(Math.min(pace.firstPauseMilliseconds * 2 ** (attempts - 1), longest))
}

const attemptsAtOnce = 4
const closePatienceMilliseconds = 5000

/**
 * Delivers the spool: new messages first, oldest first, then those whose pause has ended. Each message has its own pauses,
 * so that a failing one delays no other, and is dropped only when it expires. A message may arrive twice if the process ends
 * between the server's acceptance and our note; both copies have one Message-ID.
 */
export const createDelivery = (options: {
  readonly spool: Spool
  readonly deliver: Deliver
  readonly now: Clock
  readonly log: Log
  readonly pace: DeliveryPace
}) => {
  const { spool, deliver, now, log, pace } = options
  const underWay = new Map<string, Promise<void>>()
  /** When to try again what has failed, in milliseconds of the monotonic clock. After a restart all are due. */
  const dueAt = new Map<string, number>()
  /** Over, though the disk would not take the note of it: not to be delivered again. */
  const over = new Set<string>()
  const dueOf = (id: string): number => dueAt.get(id) ?? 0
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const giveUp = async (message: StoredMessage): Promise<void> => {
    over.add(message.id)
    dueAt.delete(message.id)
    const { id, siteId, attempts } = message
    log.error({ event: 'mail-expired', id, siteId, attempts }, 'a mail expired before it could be delivered')
    const lastError = ['expired', message.lastError].filter((part) => part !== undefined).join('; before: ')
    await spool.put({ ...withoutContent(message), status: 'undeliverable', updatedAt: now(), lastError })
    over.delete(message.id)
  }

  const attempt = async (message: StoredMessage): Promise<void> => {
    if (message.expiresAt !== undefined && message.expiresAt <= now()) return giveUp(message)
    const result = await deliver(message)
    const after = afterAttempt(message, result, now())
    const { id, siteId, attempts, lastError } = after
    const details = { id, siteId, attempts, ...(lastError && { reason: lastError }) }
    if (result.outcome === 'postponed') {
      const pause = pauseOf(after, pace, now())
      dueAt.set(message.id, performance.now() + pause)
      const delayed = { event: 'mail-delayed', ...details, pauseMilliseconds: pause } as const
      log.warn(delayed, 'a mail could not be delivered; it will be tried again')
    } else {
      over.add(message.id)
      dueAt.delete(message.id)
      if (result.outcome === 'refused')
        log.error({ event: 'mail-refused', ...details }, 'a mail was refused permanently')
    }
    await spool.put(after)
    over.delete(message.id)
  }

  const begin = (message: StoredMessage): void => {
    const ending = attempt(message)
      .catch((error: unknown) => log.error({ id: message.id, error: String(error) }, 'a mail could not be noted down'))
      .finally(() => {
        underWay.delete(message.id)
        wake()
      })
    underWay.set(message.id, ending)
  }

  const wake = (): void => {
    clearTimeout(timer)
    if (closed) return
    const waiting = spool
      .all()
      .filter((message) => awaitsDelivery(message) && !underWay.has(message.id) && !over.has(message.id))
    const due = waiting.filter(({ id }) => dueOf(id) <= performance.now()).toSorted((a, b) => dueOf(a.id) - dueOf(b.id))
    for (const message of due.slice(0, attemptsAtOnce - underWay.size)) begin(message)
    // The end of a running attempt checks again.
    if (underWay.size > 0 || waiting.length === 0) return
    const next = Math.min(...waiting.map(({ id }) => dueOf(id)))
    timer = setTimeout(wake, Math.max(1, next - performance.now()))
  }

  return {
    /** Looks for what is due. */
    wake,
    /** Starts no more attempts, and resolves when the running ones have ended or taken too long. */
    close: async (): Promise<void> => {
      closed = true
      clearTimeout(timer)
      // The next process repeats what a slow server takes after this, with the same Message-ID.
      await Promise.race([
        Promise.all(underWay.values()),
        timers.setTimeout(closePatienceMilliseconds, undefined, { ref: false }),
      ])
    },
  }
}
