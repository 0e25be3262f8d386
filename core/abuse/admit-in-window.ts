import { SitewrightError } from '../errors.ts'
import { toInstant } from '../instant.ts'
import type { RateWindows } from '../ports/abuse.ts'
import type { Clocks } from '../ports/context.ts'

export interface AdmitPorts {
  readonly rateWindows: Pick<RateWindows, 'count'>
  readonly clocks: Clocks
}

interface Limit {
  /** Names the subject and the kind of request. */
  readonly key: string
  readonly limit: number
  readonly milliseconds: number
  readonly message: (wait: string) => string
}

export const inWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60)
  if (minutes > 90) return `${Math.round(minutes / 60)} hours`
  if (seconds < 60) return `${seconds} s`
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}

/**
 * Counts a request in its present window of the wall clock.
 * @throws {SitewrightError} `RateLimited` above the limit.
 */
export const admitInWindow = async (
  { rateWindows, clocks }: AdmitPorts,
  { key, limit, milliseconds, message }: Limit,
): Promise<void> => {
  const now = Date.parse(clocks.wall())
  const start = Math.floor(now / milliseconds) * milliseconds
  const end = start + milliseconds
  const [count = 0] = await rateWindows.count([{ key: `${key}-${start}`, endsAt: toInstant(new Date(end)) }])
  if (count <= limit) return
  const retryAfterSeconds = Math.ceil((end - now) / 1000)
  throw new SitewrightError('RateLimited', message(inWords(retryAfterSeconds)), { retryAfterSeconds })
}
