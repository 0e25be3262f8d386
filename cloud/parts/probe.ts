import { createRouterProbe } from '../../adapters/router-probe/router-probe.ts'
import type { Log } from '../../core/ports/context.ts'
import type { HealthProbe } from '../../core/ports/runtime.ts'
import { openSecrets } from './secrets.ts'

interface ProbeEnvironment {
  readonly ROUTER_URL: string
  readonly PROBE_SECRET: string
}

/** Sites admit routers alone, so a router is asked how they are. */
export const openProbe = ({ ROUTER_URL, PROBE_SECRET }: ProbeEnvironment, log: Log): HealthProbe => {
  const secrets = openSecrets()
  return createRouterProbe({ routerUrl: ROUTER_URL, secret: () => secrets.valueOf(PROBE_SECRET), log })
}
