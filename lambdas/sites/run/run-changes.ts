import type { Size } from '../../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { isSameEndpoint } from '../../../core/site/location.ts'
import type { ActiveSite, Endpoint, ReadySite } from '../../../core/site/site.ts'

const withoutDown = ({ down: _, ...kept }: Omit<ActiveSite, 'endpoint'>) => kept

/** A site that stops for a moment. Since when it was down before counts only as long as it has not answered again. */
export const withoutAddress = ({ endpoint, ...kept }: ActiveSite): ActiveSite =>
  endpoint === undefined ? kept : withoutDown(kept)

/** An owner's site that does not answer. */
export type DownSite = ActiveSite & { readonly down: NonNullable<ActiveSite['down']> }

export const noteDown = (site: DownSite, context: ChangeContext): SiteChange<ActiveSite> => {
  const after: ActiveSite = { ...site, down: { since: site.down.since, isTold: true } }
  return siteChange({ transition: 'noteDown', before: site, after }, context)
}

/** Records the site's address; undefined if it is the same. @param size recorded if it was not. */
export const changeAddress = (
  site: ActiveSite | ReadySite,
  endpoint: Endpoint | undefined,
  context: ChangeContext,
  size?: Size,
): SiteChange | undefined => {
  if (endpoint === undefined ? site.endpoint === undefined : isSameEndpoint(endpoint, site.endpoint)) return undefined
  const { endpoint: _, ...rest } = site
  const kept = rest.status === 'active' ? withoutDown(rest) : rest
  const isDown = endpoint === undefined && site.status === 'active'
  const started = site.size ?? size
  const after = {
    ...kept,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(isDown ? { down: { since: context.clocks.wall() } } : {}),
    ...(started === undefined ? {} : { size: started }),
  }
  return siteChange({ transition: 'move', before: site, after }, context)
}
