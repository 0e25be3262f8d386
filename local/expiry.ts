import type { Instant } from '../core/instant.ts'
import type { Log } from '../core/ports/context.ts'

const everyMilliseconds = 10 * 60_000

/**
 * Does what DynamoDB's time to live does on AWS, and as loosely: what has expired goes within minutes, not at once.
 * @returns what ends it.
 */
export const startExpiry = ({
  removeExpired,
  now,
  log,
}: {
  readonly removeExpired: (now: Instant) => Promise<number>
  readonly now: () => Instant
  readonly log: Log
}): (() => void) => {
  const run = (): void => {
    removeExpired(now()).then(
      (removed) => removed > 0 && log.info({ removed }, 'removed items that had expired'),
      (error: unknown) => log.warn({ err: error }, 'expired items could not be removed; trying again later'),
    )
  }
  run()
  const timer = setInterval(run, everyMilliseconds)
  return () => clearInterval(timer)
}
