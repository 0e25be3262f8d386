import { SitewrightError } from '../errors.ts'
import type { SiteId } from '../ids.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { SiteChange } from './change.ts'
import type { Site } from './site.ts'

const attempts = 6

/**
 * Changes a site as somebody wants it, also where it is changed in this very moment: it is read and decided anew then.
 * @param decide from the site as it is now, read strongly consistently; undefined where there is nothing to change.
 * @returns the site as it is then.
 * @throws whatever `decide` throws, and {SitewrightError} `VersionConflict` where it goes on changing.
 */
export const changeSite = async (
  sites: Pick<SiteStore, 'get' | 'commit'>,
  siteId: SiteId,
  decide: (site: Site | undefined) => SiteChange | undefined,
): Promise<Site | undefined> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const site = await sites.get(siteId)
    const change = decide(site)
    if (change === undefined) return site
    if ((await sites.commit(change)).done) return change.after
  }
  throw new SitewrightError('VersionConflict', `${siteId} goes on changing. Try again.`)
}
