import type { Signup } from '../signup/signup.ts'
import type { AbusePolicy } from './abuse-policy.ts'
import type { CountPorts } from './count-in-windows.ts'
import { countInWindows } from './count-in-windows.ts'
import { networkOf } from './network.ts'

export interface AdmitCodeTryPorts extends CountPorts {
  readonly abuse: AbusePolicy
}

/**
 * Counts a try for whoever makes it, before its sign-up is looked for.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitTryFrom = async (ports: AdmitCodeTryPorts, sourceIp: string): Promise<void> => {
  const network = networkOf(sourceIp)
  if (network.isLoopback && !ports.abuse.limitLoopback) return
  await countInWindows(ports, [{ of: 'tries of network', name: network.name, limits: ports.abuse.codeTries.network }])
}

/**
 * Counts a try for the address, over all its sign-ups, before the code is looked at: starting another sign-up brings
 * nobody more tries.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitTryFor = async (ports: AdmitCodeTryPorts, { emailHash }: Signup): Promise<void> => {
  await countInWindows(ports, [{ of: 'tries of address', name: emailHash, limits: ports.abuse.codeTries.address }])
}
