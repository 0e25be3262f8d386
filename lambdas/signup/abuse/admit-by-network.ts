import type { AbusePolicy } from './abuse-policy.ts'
import { admitInWindow } from './admit-in-window.ts'
import { type CountPorts, windowKey } from './count-in-windows.ts'
import { networkOf } from './network.ts'

/** The page checks a name while somebody types: this is a check every other second. */
const limit = 300
const milliseconds = 600_000

/**
 * Counts a request that anybody can make.
 * @param options.of names the window. @param options.requests in words, such as `checks`.
 * @throws {SitewrightError} `RateLimited` above 300 of one network in ten minutes.
 */
export const admitByNetwork = async (
  ports: CountPorts & { readonly abuse: Pick<AbusePolicy, 'limitLoopback'> },
  sourceIp: string,
  { of, requests }: { readonly of: string; readonly requests: string },
): Promise<void> => {
  const network = networkOf(sourceIp)
  if (network.isLoopback && !ports.abuse.limitLoopback) return
  await admitInWindow(ports, {
    key: windowKey(ports.codeSecret, of, network.name),
    limit,
    milliseconds,
    message: (wait) => `Too many ${requests}. Try again in ${wait}.`,
  })
}
