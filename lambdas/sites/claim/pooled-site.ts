import { type IdempotentRequest, idempotencyRecord } from '../../../core/idempotency.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusDays } from '../../../core/instant.ts'
import type { Obstacle, SiteStore } from '../../../core/ports/stores.ts'
import {
  type ChangeContext,
  pendingHandOver,
  type Reservations,
  type SiteChange,
  siteChange,
} from '../../../core/site/lifecycle.ts'
import type { Ownership } from '../../../core/site/ownership.ts'
import type { ActiveSite, BuildingSite, ReadySite, SiteIn } from '../../../core/site/site.ts'
import type { TrialPolicy } from '../../../core/site/trial-policy.ts'

export interface TrialTerms {
  readonly policy: TrialPolicy
  /** Its trial plan; that of the pool by default. */
  readonly plan?: string
}

interface Claim extends TrialTerms {
  readonly ownership: Ownership
  readonly reserve: Reservations
}

/** The trial starts now, under today's policy. */
export const claimSite = (
  site: ReadySite,
  { ownership, policy, reserve, plan = site.plan }: Claim,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { readyAt: _, ...kept } = site
  const { begins, detail } = pendingHandOver(site, context)
  const after: ActiveSite = {
    ...kept,
    ...begins,
    status: 'active',
    plan,
    policyVersion: policy.version,
    ownership,
    trialEndsAt: plusDays(ownership.since, policy.trialDays),
    reminded: [],
    extensionsUsed: 0,
    archives: [],
  }
  return siteChange({ transition: 'claim', before: site, after, reserve, details: detail }, context)
}

/** Gives a prepared site to its owner; it starts now, and its trial with the end of the build. */
export const claimPrepared = (
  site: ReadySite,
  { ownership, policy, reserve, plan = site.plan }: Claim,
  context: ChangeContext,
): SiteChange<BuildingSite> => {
  const { readyAt: _, startsAtClaim: __, endpoint: ___, ...kept } = site
  const after: BuildingSite = {
    ...kept,
    status: 'building',
    plan,
    policyVersion: policy.version,
    ownership,
    completedSteps: site.completedSteps.filter(({ name }) => name === 'storage'),
    operation: {
      id: `provision-site-${site.id}-${site.version + 1}`,
      kind: 'provision',
      fence: 1,
      startedAt: context.clocks.wall(),
    },
  }
  return siteChange({ transition: 'claimPrepared', before: site, after, reserve }, context)
}

export interface TrialRequest {
  readonly ownership: Ownership
  readonly blueprint: string
  readonly idempotent?: IdempotentRequest
  readonly context: ChangeContext
}

/** The hostname and the trial that a site takes from its claim on, and that a failed build returns. */
export const trialReservation = ({ hostname, accountId: trial, trialOf }: Ownership) => ({
  ...{ hostname, trial },
  ...(trialOf === undefined ? {} : { trialOf }),
})

export const reservationsFor = ({ ownership, idempotent, context }: TrialRequest, siteId: SiteId): Reservations => ({
  ...trialReservation(ownership),
  ...(idempotent === undefined ? {} : { idempotency: idempotencyRecord(idempotent, siteId, context.clocks.wall()) }),
})

type Unowned = ReadySite | (BuildingSite & { readonly ownership?: undefined })

const withoutPool = (site: Unowned) => {
  const { endpoint: _, startsAtClaim: __, ...kept } = site
  if (kept.status === 'ready') {
    const { readyAt: ___, ...rest } = kept
    return rest
  }
  const { operation: ___, draft: ____, ownership: _____, ...rest } = kept
  return rest
}

/** Retires a site of the pool, or one that only proved a draft. It never had an owner, so nothing is kept. */
export const retireSite = (site: Unowned, context: ChangeContext): SiteChange<SiteIn<'purged'>> => {
  const kept = withoutPool(site)
  const after: SiteIn<'purged'> = { ...kept, status: 'purged', purgedAt: context.clocks.domain() }
  return siteChange({ transition: 'retire', before: site, after }, context)
}

/** Sites read at once, of which one is tried. */
const candidates = 25
const checks = 8

/** Older versions are handed out only if there is nothing newer. */
const newestVersion = (sites: readonly ReadySite[]): readonly ReadySite[] => {
  const newest = Math.max(...sites.map(({ blueprint }) => blueprint.version))
  return sites.filter(({ blueprint }) => blueprint.version === newest)
}

/**
 * Claims a pooled site in one transaction. After a lost race the pool is read again: the other candidates are probably
 * taken too, and a lost transaction costs more than a read.
 * @returns the site, which still has to be built if it was only prepared, an obstacle that holds for any site, or `pool-empty`.
 */
export const claimFromPool = async (
  { sites, cells, ...terms }: TrialTerms & { sites: SiteStore; cells: readonly string[] },
  request: TrialRequest,
): Promise<ActiveSite | BuildingSite | Exclude<Obstacle, 'version'> | 'pool-empty'> => {
  const lost = new Set<SiteId>()
  for (let check = 0; check < checks; check += 1) {
    const pools = await Promise.all(
      cells.map((cell) => sites.findReady({ cell, blueprint: request.blueprint }, candidates)),
    )
    // The index may still list claimed sites.
    const ready = newestVersion(pools.flat().filter(({ id }) => !lost.has(id)))
    // At random, so that a crowd does not fight over the first one.
    const site = ready.length === 0 ? undefined : ready[request.context.randomness.integer(ready.length)]
    if (site === undefined) return 'pool-empty'
    const claim = site.startsAtClaim ? claimPrepared : claimSite
    const { ownership, context } = request
    const change = claim(site, { ...terms, ownership, reserve: reservationsFor(request, site.id) }, context)
    const result = await sites.commit(change)
    if (result.done) return change.after
    if (result.obstacle !== 'version') return result.obstacle
    lost.add(site.id)
  }
  return 'pool-empty'
}
