import type { SiteId } from '../ids.ts'
import type { Log } from '../ports/context.ts'
import type { SiteRuntime } from '../ports/runtime.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Site } from '../site/site.ts'
import { isWorkedOn, wasRetired } from './standing.ts'

export interface RemoveStrayPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly runtime: Pick<SiteRuntime, 'remove'>
  readonly log: Log
}

/** Whether something may run of the site, now or at any moment from now on. */
const mayRun = (site: Site): boolean => site.status === 'ready' || site.status === 'active' || isWorkedOn(site)

/**
 * Stops what runs of a site whose record says that nothing does; its data stays. What runs of a site without a record is not
 * touched here: a record that is missing may be the mistake, so that goes through quarantine.
 */
export const removeStray = async ({ sites, runtime, log }: RemoveStrayPorts, siteId: SiteId): Promise<void> => {
  const site = await sites.get(siteId)
  if (site === undefined || mayRun(site)) return
  if (wasRetired(site)) log.info({ siteId }, 'removing what runs of a site that was taken out of the pool')
  else log.warn({ siteId, status: site.status }, 'removing what runs of a site that should not')
  await runtime.remove(siteId)
}
