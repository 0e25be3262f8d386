import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { ReadySite, SiteIn } from '../site.ts'

/** Takes a site out of the pool for good. Nobody ever owned it, so there is nothing to keep and nobody to ask. */
export const retireSite = (site: ReadySite, context: ChangeContext): SiteChange<SiteIn<'purged'>> => {
  const { endpoint: _, readyAt: __, ...kept } = site
  const after: SiteIn<'purged'> = {
    ...kept,
    status: 'purged',
    version: site.version + 1,
    purgedAt: context.clocks.domain(),
  }
  return siteChange({ transition: 'retire', before: site, after }, context)
}
