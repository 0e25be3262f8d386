import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { Actor } from '../../core/events/actor.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { isKept, type KeptSite } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { blueprintOf } from '../sites/run/prepare-launch.ts'
import { isHeld } from './custom-domain.ts'
import type { DomainStore } from './ports.ts'

export interface FollowUrlPorts extends Pick<Context, 'clocks' | 'randomness'> {
  readonly domains: Pick<DomainStore, 'listBySite'>
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly blueprints: Pick<BlueprintReader, 'get' | 'status'>
}

/**
 * Records which domain is the URL of a site: of those that the edge serves, the one that was verified first. Its own hostname if it has none.
 * @param actor who verified or removed a domain, or the system, which has the edge serve it.
 */
export const followUrl = async (
  { sites, domains, blueprints, clocks, randomness }: FollowUrlPorts,
  siteId: SiteId,
  causationId: string,
  actor: Actor,
): Promise<void> =>
  retryOnConflict(siteId, async () => {
    const site = await sites.get(siteId)
    if (!isKept(site)) return undefined
    const held = (await domains.listBySite(siteId)).filter(isHeld)
    // A product may redirect to its URL: one without a certificate would lock visitors of the other hostnames out.
    const served = held.filter(({ hostname, servedAt }) => servedAt !== undefined || hostname === site.urlHostname)
    const [first] = served.toSorted((one, other) => (one.verifiedAt < other.verifiedAt ? -1 : 1))
    if (first?.hostname === site.urlHostname) return undefined
    const { urlChange } = await blueprintOf(blueprints, site)
    const url = { urlHostname: first?.hostname, urlChange }
    const change = changeUrl(site, url, { actor, causationId, clocks, randomness })
    return (await sites.commit(change)).done ? undefined : conflict
  })

/**
 * Records which hostname its URL has.
 * @param url.urlChange how its product learns of it. What does not run learns of it at its start.
 */
export const changeUrl = (
  site: KeptSite,
  { urlHostname, urlChange }: { readonly urlHostname: string | undefined } & Pick<Blueprint, 'urlChange'>,
  context: ChangeContext,
): SiteChange => {
  const { urlHostname: _, urlDue: __, ...kept } = site
  const isDue = urlChange === 'hook' || (urlChange === 'restart' && site.status === 'active')
  const after = {
    ...kept,
    ...(urlHostname === undefined ? {} : { urlHostname }),
    ...(isDue ? { urlDue: urlChange } : {}),
  }
  return siteChange({ transition: 'changeUrl', before: site, after }, context)
}
