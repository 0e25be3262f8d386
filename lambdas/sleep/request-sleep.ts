import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Clocks, Log, Randomness } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { changeSite } from '../../core/site/change-site.ts'
import { startOperationSoon } from '../../core/site/operation-changes.ts'
import { beginSleep } from './sleep-changes.ts'

export interface RequestPorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

/** Why nothing was begun: the site does not run, or another operation works on it. */
export type SleepOutcome = 'begun' | 'not-active' | 'in-operation'

/**
 * Begins to put a site to sleep. It keeps running if it is used before its record says that it sleeps.
 * @param request.since an instant before its last use was read: later uses count. Now by default.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const requestSleep = async (
  ports: RequestPorts,
  siteId: SiteId,
  { causationId, since }: { readonly causationId: string; readonly since?: Instant },
): Promise<SleepOutcome> => {
  const { clocks, randomness } = ports
  const noted: { outcome: SleepOutcome } = { outcome: 'not-active' }
  const site = await changeSite(ports.sites, siteId, (found) => {
    noted.outcome = 'not-active'
    if (found?.status !== 'active') return undefined
    noted.outcome = 'in-operation'
    if (found.operation !== undefined) return undefined
    noted.outcome = 'begun'
    return beginSleep(found, { actor: system, causationId, clocks, randomness }, since)
  })
  if (noted.outcome === 'begun' && site !== undefined) await startOperationSoon(ports, site)
  return noted.outcome
}
