import type { ChangeContext, SiteChange } from './change.ts'
import { siteChange } from './change.ts'
import { isSameEndpoint } from './same-endpoint.ts'
import type { ActiveSite, Endpoint, ReadySite } from './site.ts'

/** Notes that a site answers at another address now. Undefined where it is the same one. */
export const moveSite = (
  site: ActiveSite | ReadySite,
  endpoint: Endpoint,
  context: ChangeContext,
): SiteChange | undefined => {
  if (isSameEndpoint(endpoint, site.endpoint)) return undefined
  const after = { ...site, version: site.version + 1, endpoint }
  return siteChange({ transition: site.status === 'ready' ? 'moveReady' : 'moveActive', before: site, after }, context)
}
