import type { Size } from '../../plan/plan.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import { isSameEndpoint } from '../same-endpoint.ts'
import type { ActiveSite, Endpoint, ReadySite } from '../site.ts'

/**
 * Notes where a site answers now, or that it answers nowhere. Undefined where that is what is noted.
 * @param size what it was started with; noted along where nothing was.
 */
export const moveSite = (
  site: ActiveSite | ReadySite,
  endpoint: Endpoint | undefined,
  context: ChangeContext,
  size?: Size,
): SiteChange | undefined => {
  if (endpoint === undefined ? site.endpoint === undefined : isSameEndpoint(endpoint, site.endpoint)) return undefined
  const { endpoint: _, ...kept } = site
  const started = site.size ?? size
  const after = {
    ...kept,
    version: site.version + 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(started === undefined ? {} : { size: started }),
  }
  return siteChange({ transition: 'move', before: site, after }, context)
}
