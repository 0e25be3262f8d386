import type { AbusePolicy } from './abuse-policy.ts'
import { admitInWindow } from './admit-in-window.ts'
import type { CountPorts } from './count-in-windows.ts'
import { windowKey } from './count-in-windows.ts'
import { networkOf } from './network.ts'

/** The page checks a name while somebody types: this is a check every other second. */
const limit = 300
const milliseconds = 600_000

/**
 * Counts a check of a name, so that nobody lists all sites by guessing.
 * @throws {SitewrightError} `RateLimited` above 300 checks of one network in ten minutes.
 */
export const admitNameCheck = async (
  ports: CountPorts & { readonly abuse: Pick<AbusePolicy, 'limitLoopback'> },
  sourceIp: string,
): Promise<void> => {
  const network = networkOf(sourceIp)
  if (network.isLoopback && !ports.abuse.limitLoopback) return
  await admitInWindow(ports, {
    key: windowKey(ports.codeSecret, 'name checks of network', network.name),
    limit,
    milliseconds,
    message: (wait) => `Too many checks. Try again in ${wait}.`,
  })
}
