import { system } from '../events/system.ts'
import { isSameEndpoint } from '../site/endpoint.ts'
import { noteAddress } from '../site/run/follow-task.ts'
import type { BringUpPorts } from './bring-up.ts'
import { startIfToRun } from './bring-up.ts'
import type { OpenSite } from './standing.ts'

/**
 * A platform that brings a site up by itself needs time, and perhaps to be told once more, for it may have found no room. The
 * site is not judged meanwhile; but an address at which nothing runs is not kept.
 */
export const urgeOn = async (ports: BringUpPorts, listed: OpenSite, causationId: string): Promise<void> => {
  const { sites, runtime, clocks, randomness, log } = ports
  const started = await startIfToRun(ports, listed.id)
  if (started === undefined) return
  const { site } = started
  if (site.status === 'active') log.warn({ siteId: site.id }, 'a site is still being brought up again')
  // Asked anew: the list is older than the record of a site that has just become ready.
  if (site.endpoint === undefined || (await runtime.locate(site.id)) !== undefined) return
  await noteAddress(
    sites,
    site.id,
    ({ endpoint }) => (endpoint !== undefined && isSameEndpoint(endpoint, site.endpoint) ? undefined : 'keep'),
    { actor: system, causationId, clocks, randomness },
  )
}
