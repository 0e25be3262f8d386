import { SitewrightError } from '../../core/errors.ts'
import { toInstant } from '../../core/instant.ts'
import type { Clocks } from '../../core/ports/context.ts'
import { type CountPorts, inWords, type RateWindow, type RateWindows, windowKey } from './count-in-windows.ts'
import { networkOf } from './network.ts'

export interface AdmitPorts {
  readonly rateWindows: Pick<RateWindows, 'count' | 'read'>
  readonly clocks: Clocks
}

interface Limit {
  /** Names the subject and the kind of request. */
  readonly key: string
  readonly limit: number
  readonly milliseconds: number
  readonly message: (wait: string) => string
}

const windowOf = ({ clocks }: AdmitPorts, { key, milliseconds }: Limit): RateWindow => {
  const start = Math.floor(Date.parse(clocks.wall()) / milliseconds) * milliseconds
  return { key: `${key}-${start}`, endsAt: toInstant(new Date(start + milliseconds)) }
}

const rateLimited = ({ clocks }: AdmitPorts, { message }: Limit, { endsAt }: RateWindow): SitewrightError => {
  const retryAfterSeconds = Math.ceil((Date.parse(endsAt) - Date.parse(clocks.wall())) / 1000)
  return new SitewrightError('RateLimited', message(inWords(retryAfterSeconds)), { retryAfterSeconds })
}

/**
 * Counts a request in its present window of the wall clock.
 * @throws {SitewrightError} `RateLimited` above the limit.
 */
export const admitInWindow = async (ports: AdmitPorts, limit: Limit): Promise<void> => {
  const window = windowOf(ports, limit)
  const [count = 0] = await ports.rateWindows.count([window])
  if (count > limit.limit) throw rateLimited(ports, limit, window)
}

/**
 * Does work that counts in its present window of the wall clock only if it succeeds. Work that runs at the same time can pass the
 * limit together, so only one of them may succeed.
 * @throws {SitewrightError} `RateLimited` at the limit.
 */
export const countingSuccess = async <Result>(
  ports: AdmitPorts,
  limit: Limit,
  work: () => Promise<Result>,
): Promise<Result> => {
  const window = windowOf(ports, limit)
  const [count = 0] = await ports.rateWindows.read([window])
  if (count >= limit.limit) throw rateLimited(ports, limit, window)
  const result = await work()
  await ports.rateWindows.count([window])
  return result
}

/** The page checks a name while somebody types: this is a check every other second. */
const limit = 300

const milliseconds = 600_000

/**
 * Counts a request that anybody can make.
 * @param options.of names the window. @param options.requests in words, such as `checks`.
 * @throws {SitewrightError} `RateLimited` above 300 of one network in ten minutes.
 */
export const admitByNetwork = async (
  ports: CountPorts & { readonly abuse: { readonly limitLoopback: boolean } },
  sourceIp: string,
  { of, requests }: { readonly of: string; readonly requests: string },
): Promise<void> => {
  const network = networkOf(sourceIp)
  if (network.isLoopback && !ports.abuse.limitLoopback) return
  await admitInWindow(ports, {
    key: windowKey(await ports.codeSecret(), of, network.name),
    limit,
    milliseconds,
    message: (wait) => `Too many ${requests}. Try again in ${wait}.`,
  })
}
