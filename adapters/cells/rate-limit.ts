import { setTimeout as timer } from 'node:timers/promises'
import { isThrottled } from './aws-calls.ts'

export interface RateLimit {
  /** Waits for its turn. A throttled call is repeated some times, each time later. */
  readonly run: <Result>(call: () => Promise<Result>) => Promise<Result>
}

const triesAtMost = 6
/** For how many seconds' worth of calls all callers wait after a throttled one. */
const restSeconds = 2

interface Clock {
  /** Milliseconds of a monotonic clock. */
  readonly now?: (() => number) | undefined
  readonly pause?: ((milliseconds: number) => Promise<unknown>) | undefined
}

/**
 * The limit of `CreateService`, `UpdateService` and `DeleteService`: 5 a second of an account and region, and 50 at once. Stays
 * below it, because other functions change services too. Source: the Amazon ECS API Reference, "Request throttling".
 * @param quota how many a second AWS grants.
 */
export const limitServiceChanges = (quota = 5, clock: Clock = {}): RateLimit =>
  createRateLimit({ perSecond: 0.9 * quota, burst: 9 * quota, ...clock })

/**
 * A token bucket for calls that an AWS account limits. The SDK's own limiter begins only after the first failure, and slows all
 * calls of a client alike.
 */
export const createRateLimit = (options: Clock & { readonly perSecond: number; readonly burst: number }): RateLimit => {
  const { perSecond, burst, now = () => performance.now(), pause = timer } = options
  let tokens = burst
  let filledAt = now()

  const take = async (): Promise<void> => {
    const at = now()
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond) - 1
    filledAt = at
    // Below zero there are as many before it.
    if (tokens < 0) await pause((-tokens / perSecond) * 1000)
  }

  return {
    run: async (call) => {
      for (let tries = 1; ; tries += 1) {
        await take()
        try {
          return await call()
        } catch (error) {
          if (!isThrottled(error) || tries >= triesAtMost) throw error
          tokens = Math.min(tokens, -restSeconds * perSecond)
        }
      }
    },
  }
}
