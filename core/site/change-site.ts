import { SitewrightError } from '../errors.ts'
import type { Actor } from '../events/actor.ts'
import { type AccountId, isId, type SiteId } from '../ids.ts'
import type { Context } from '../ports/context.ts'
import type { Obstacle, SiteStore } from '../ports/stores.ts'
import type { Operator } from '../ports/tokens.ts'
import type { Workflows } from '../ports/workflows.ts'
import { conflict, retryOnConflict } from '../retry-on-conflict.ts'
import type { ChangeContext, SiteChange } from './lifecycle.ts'
import { isRehearsal } from './rehearsal.ts'
import { isKept, type KeptSite, ownershipOf, type Site } from './site.ts'

/**
 * Changes a site; decides again if it is changed at the same time.
 * @param decide gets the site, read consistently, and why the last attempt was refused; returns undefined if there is nothing to change.
 * @returns the site after the change.
 * @throws whatever `decide` throws, and {SitewrightError} `VersionConflict`.
 */
export const changeSite = async (
  sites: Pick<SiteStore, 'get' | 'commit'>,
  siteId: SiteId,
  decide: (site: Site | undefined, refusal: Obstacle | undefined) => SiteChange | undefined,
): Promise<Site | undefined> => {
  let refusal: Obstacle | undefined
  return retryOnConflict(siteId, async () => {
    const site = await sites.get(siteId)
    const change = decide(site, refusal)
    if (change === undefined) return site
    const result = await sites.commit(change)
    if (result.done) return change.after
    refusal = result.obstacle
    return conflict
  })
}

export interface ActPorts extends Pick<Context, 'policies' | 'clocks' | 'randomness' | 'log'> {
  readonly sites: SiteStore
  readonly workflows: Workflows
}

export interface Act {
  /** Not validated. */
  readonly siteId: string
  readonly actor: Actor
  readonly causationId: string
}

export const actContext = (
  { clocks, randomness }: Pick<ActPorts, 'clocks' | 'randomness'>,
  { actor, causationId }: Act,
): ChangeContext => ({ actor, causationId, clocks, randomness })

export const requireSite = (site: Site | undefined): Site => {
  if (site !== undefined) return site
  throw new SitewrightError('NotFound', 'There is no such site.')
}

/** Another owner's site is treated as missing, and so is a rehearsal: it is reached by its original. @throws {SitewrightError} `NotFound`. */
export const requireOwnSite = (site: Site | undefined, accountId: AccountId): Site => {
  const isOwn = site !== undefined && !isRehearsal(site) && ownershipOf(site)?.accountId === accountId
  return requireSite(isOwn ? site : undefined)
}

/** Requires an owner and data. @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireKept = (site: Site): KeptSite => {
  if (isKept(site)) return site
  throw new SitewrightError('TransitionNotAllowed', `This is not possible while the site is ${site.status}.`)
}

/** Changes a site by its given id; a rehearsal has none to its users. @throws whatever `decide` throws, and {SitewrightError} `NotFound`, `VersionConflict`. */
export const changeNamedSite = async (
  { sites }: Pick<ActPorts, 'sites'>,
  { siteId }: Act,
  decide: (site: Site) => SiteChange | undefined,
): Promise<Site> => {
  if (!isId('site', siteId)) return requireSite(undefined)
  const named = (found: Site | undefined) => requireSite(found === undefined || isRehearsal(found) ? undefined : found)
  return requireSite(await changeSite(sites, siteId, (found) => decide(named(found))))
}

export interface OwnerAct extends Act {
  readonly accountId: AccountId
}

export const changeOwnSite = (
  ports: Pick<ActPorts, 'sites'>,
  act: OwnerAct,
  decide: (site: Site) => SiteChange | undefined,
): Promise<Site> => changeNamedSite(ports, act, (site) => decide(requireOwnSite(site, act.accountId)))

/** @throws {SitewrightError} `NotFound`, also for another owner's site. */
export const findOwnSite = async (
  { sites }: { readonly sites: Pick<SiteStore, 'get'> },
  { siteId, accountId }: Pick<OwnerAct, 'siteId' | 'accountId'>,
): Promise<Site> => requireOwnSite(isId('site', siteId) ? await sites.get(siteId) : undefined, accountId)

export const actorOf = ({ operatorId, role }: Operator): Actor => ({ kind: 'operator', operatorId, role })

export const actOf = (siteId: string, { operator, requestId }: { operator: Operator; requestId: string }): Act => ({
  siteId,
  actor: actorOf(operator),
  causationId: requestId,
})
