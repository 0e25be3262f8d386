import { SitewrightError } from '../errors.ts'
import type { AccountId } from '../ids.ts'
import type { KeptSite, Site } from './site.ts'
import { isKept, ownershipOf } from './site.ts'

/** @throws {SitewrightError} `NotFound`. */
export const requireSite = (site: Site | undefined): Site => {
  if (site !== undefined) return site
  throw new SitewrightError('NotFound', 'There is no such site.')
}

/**
 * Somebody else's site is one that does not exist.
 * @throws {SitewrightError} `NotFound`.
 */
export const requireOwnSite = (site: Site | undefined, accountId: AccountId): Site => {
  const isOwn = site !== undefined && ownershipOf(site)?.accountId === accountId
  return requireSite(isOwn ? site : undefined)
}

/**
 * The site, if it has an owner and data.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 */
export const requireKept = (site: Site): KeptSite => {
  if (isKept(site)) return site
  throw new SitewrightError('TransitionNotAllowed', `This cannot be done with a site that is ${site.status}.`)
}
