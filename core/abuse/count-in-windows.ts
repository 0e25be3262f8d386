import { createHmac } from 'node:crypto'
import { SitewrightError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import { toInstant } from '../instant.ts'
import type { RateWindow, RateWindows } from '../ports/abuse.ts'
import type { Clocks } from '../ports/context.ts'
import type { RateLimit } from './abuse-policy.ts'
import { inWords } from './admit-in-window.ts'

export interface CountPorts {
  readonly rateWindows: RateWindows
  readonly clocks: Clocks
  /** Keys the stored addresses and networks, so that the table does not reveal them. */
  readonly codeSecret: string
}

export interface Subject {
  readonly of:
    | 'signups of address'
    | 'signups of domain'
    | 'signups of network'
    | 'signups'
    | 'tries of address'
    | 'tries of network'
  readonly name: string
  readonly limits: readonly RateLimit[]
}

const minuteMilliseconds = 60_000

export const windowKey = (secret: string, ...parts: readonly (string | number)[]): string =>
  createHmac('sha256', secret)
    .update(`window\n${parts.join('\n')}`)
    .digest('base64url')

const windowOf = (secret: string, { of, name }: Subject, { minutes }: RateLimit, now: Instant): RateWindow => {
  const length = minutes * minuteMilliseconds
  const start = Math.floor(Date.parse(now) / length) * length
  return { key: windowKey(secret, of, name, minutes, start), endsAt: toInstant(new Date(start + length)) }
}

/**
 * Counts one action in all windows of its subjects, in one round trip. Refused requests count too.
 * @returns the used share of the nearest limit; 0 without limits.
 * @throws {SitewrightError} `RateLimited`.
 */
export const countInWindows = async (ports: CountPorts, subjects: readonly Subject[]): Promise<number> => {
  const now = ports.clocks.wall()
  const counted = subjects.flatMap((subject) =>
    subject.limits.map((limit) => ({ ...limit, window: windowOf(ports.codeSecret, subject, limit, now) })),
  )
  if (counted.length === 0) return 0
  const counts = await ports.rateWindows.count(counted.map(({ window }) => window))
  const used = counted.map(({ limit, window }, index) => ({ window, count: counts[index] ?? 0, limit }))
  const waits = used
    .filter(({ count, limit }) => count > limit)
    .map(({ window }) => Math.ceil((Date.parse(window.endsAt) - Date.parse(now)) / 1000))
  if (waits.length > 0) {
    const retryAfterSeconds = Math.max(...waits)
    throw new SitewrightError('RateLimited', `Too many requests. Try again in ${inWords(retryAfterSeconds)}.`, {
      retryAfterSeconds,
    })
  }
  return Math.max(...used.map(({ count, limit }) => count / limit))
}
