import { SitewrightError } from '../errors.ts'
import type { AccountId } from '../ids.ts'
import { toInstant } from '../instant.ts'
import type { RateWindows } from '../ports/abuse.ts'
import type { Clocks } from '../ports/context.ts'

export interface AdmitLookPorts {
  readonly rateWindows: Pick<RateWindows, 'count'>
  readonly clocks: Clocks
}

/** Each asks servers of DNS that are not ours, of names that somebody else chose. */
export const looksInWindow = 60
const windowMilliseconds = 10 * 60_000

/**
 * Counts what makes us ask DNS at an owner's wish, by the wall clock.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitLook = async ({ rateWindows, clocks }: AdmitLookPorts, accountId: AccountId): Promise<void> => {
  const now = Date.parse(clocks.wall())
  const start = Math.floor(now / windowMilliseconds) * windowMilliseconds
  const end = start + windowMilliseconds
  const [count = 0] = await rateWindows.count([
    { key: `looks-${accountId}-${start}`, endsAt: toInstant(new Date(end)) },
  ])
  if (count <= looksInWindow) return
  throw new SitewrightError(
    'RateLimited',
    'Domains have been looked at too often. They are looked at by themselves, too.',
    {
      retryAfterSeconds: Math.ceil((end - now) / 1000),
    },
  )
}
