import type { ChangeContext, SiteChange } from './change.ts'
import { siteChange } from './change.ts'
import { isSameEndpoint } from './same-endpoint.ts'
import type { ActiveSite, Endpoint, ReadySite } from './site.ts'

/** Notes where a site answers now, or that it answers nowhere. Undefined where that is what is noted. */
export const moveSite = (
  site: ActiveSite | ReadySite,
  endpoint: Endpoint | undefined,
  context: ChangeContext,
): SiteChange | undefined => {
  if (endpoint === undefined ? site.endpoint === undefined : isSameEndpoint(endpoint, site.endpoint)) return undefined
  const { endpoint: _, ...kept } = site
  const after = { ...kept, version: site.version + 1, ...(endpoint === undefined ? {} : { endpoint }) }
  return siteChange({ transition: 'move', before: site, after }, context)
}
