import type { AccountId } from '../ids.ts'
import { isId } from '../ids.ts'
import type { Act, ActPorts } from './act.ts'
import type { SiteChange } from './change.ts'
import { changeSite } from './change-site.ts'
import { requireOwnSite, requireSite } from './require-site.ts'
import type { Site } from './site.ts'

/**
 * Changes the site that somebody has named.
 * @returns the site as it is then.
 * @throws whatever `decide` throws, and {SitewrightError} `NotFound` or `VersionConflict`.
 */
export const changeNamedSite = async (
  { sites }: Pick<ActPorts, 'sites'>,
  { siteId }: Act,
  decide: (site: Site) => SiteChange | undefined,
): Promise<Site> => {
  if (!isId('site', siteId)) return requireSite(undefined)
  return requireSite(await changeSite(sites, siteId, (found) => decide(requireSite(found))))
}

/** What an owner does; only to what is theirs. */
export interface OwnerAct extends Act {
  readonly accountId: AccountId
}

/** The same for its owner: somebody else's site is one that does not exist. */
export const changeOwnSite = (
  ports: Pick<ActPorts, 'sites'>,
  act: OwnerAct,
  decide: (site: Site) => SiteChange | undefined,
): Promise<Site> => changeNamedSite(ports, act, (site) => decide(requireOwnSite(site, act.accountId)))
