import { SitewrightError } from '../../errors.ts'
import type { SiteId } from '../../ids.ts'
import type { Size } from '../../plan/plan.ts'
import type { SiteStore } from '../../ports/stores.ts'
import type { ChangeContext } from '../change.ts'
import type { ActiveSite, Endpoint, ReadySite } from '../site.ts'
import { moveSite } from './move-site.ts'

const attempts = 5

/**
 * Writes where an open site answers, also where it is changed in this very moment.
 * @param decide from the site as it is now: its address, or undefined for none, or `keep`.
 * @param size what it was started with.
 * @throws {SitewrightError} `VersionConflict` where it goes on changing.
 */
export const noteAddress = async (
  sites: SiteStore,
  siteId: SiteId,
  decide: (site: ActiveSite | ReadySite) => Endpoint | undefined | 'keep',
  context: ChangeContext,
  size?: Size,
): Promise<void> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const site = await sites.get(siteId)
    if (site?.status !== 'active' && site?.status !== 'ready') return
    const endpoint = decide(site)
    if (endpoint === 'keep') return
    const move = moveSite(site, endpoint, context, size)
    if (move === undefined || (await sites.commit(move)).done) return
  }
  throw new SitewrightError('VersionConflict', `${siteId} goes on changing while its address is noted.`)
}
