import { defined } from '../../core/defined.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Actor } from '../../core/events/actor.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { changeSite } from '../../core/site/change-site.ts'
import { isBeside } from '../../core/site/environment.ts'
import { type ChangeContext, keptOperation, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { entitledUntil, type LifeStep, nextLifeStep, passedReminders, unwarned } from '../../core/site/next-step.ts'
import { isKept, isLive, type KeptSite, type Site } from '../../core/site/site.ts'
import type { TrialPolicies, TrialPolicy } from '../../core/site/trial-policy.ts'

/**
 * Moves a site to another version of the trial policy. A running trial changes by the difference in days; an ended one
 * stays ended.
 */
export const changePolicy = (
  site: KeptSite,
  { from, to: policy, reason }: { readonly from: TrialPolicy; readonly to: TrialPolicy; readonly reason?: string },
  context: ChangeContext,
): SiteChange => {
  const { operation: _, ...kept } = site
  const now = context.clocks.domain()
  const goesOn = isLive(site) && site.trialEndsAt > now
  const trialEndsAt = goesOn ? plusDays(site.trialEndsAt, policy.trialDays - from.trialDays) : site.trialEndsAt
  const reminded = passedReminders(entitledUntil({ ...site, trialEndsAt }, policy) ?? trialEndsAt, policy, now)
  const after = {
    ...kept,
    ...keptOperation(site),
    policyVersion: policy.version,
    // No policy says when an environment or a rehearsal ends.
    ...(isBeside(site) ? {} : { trialEndsAt, reminded, ...unwarned(site) }),
  }
  const details = {
    policyVersion: policy.version,
    previousPolicyVersion: site.policyVersion,
    ...(reason === undefined ? {} : { reason }),
  }
  return siteChange({ transition: 'changePolicy', before: site, after, details }, context)
}

export interface MovePolicyPorts extends Pick<Context, 'policies' | 'clocks' | 'randomness'> {
  readonly sites: SiteStore
  readonly siteLists: SiteLists
}

export interface PolicyMove {
  readonly from: number
  readonly to: number
  readonly isDryRun: boolean
  readonly reason: string
  readonly cursor?: string
  readonly actor: Actor
  readonly causationId: string
}

export interface MovedSite {
  readonly before: KeptSite
  readonly after: KeptSite
  readonly nextBefore: LifeStep | undefined
  readonly nextAfter: LifeStep | undefined
  /** Whether a step becomes due that was not. */
  readonly isDueAtOnce: boolean
}

const pageSize = 50

const requireKnown = (policies: TrialPolicies, version: number, path: string): TrialPolicy => {
  if (policies.versions.includes(version)) return policies.find(version)
  const message = `must be one of the versions of the configuration: ${policies.versions.join(', ')}`
  throw new SitewrightError('InvalidRequest', `There is no trial policy of version ${version}.`, {
    fields: [{ path, message }],
  })
}

const moved = (before: KeptSite, after: Site, from: TrialPolicy, to: TrialPolicy, now: Instant): MovedSite => {
  if (!isKept(after)) throw new Error(`${after.id} was moved to another policy and is ${after.status}`)
  const nextBefore = nextLifeStep(before, from)
  const nextAfter = nextLifeStep(after, to)
  const isDue = (next: LifeStep | undefined): boolean => next !== undefined && next.dueAt <= now
  return { before, after, nextBefore, nextAfter, isDueAtOnce: isDue(nextAfter) && !isDue(nextBefore) }
}

/**
 * Moves one page of sites to another version of the trial policy, or shows the effect. Only sites that need no policy keep the old one.
 * @throws {SitewrightError} `InvalidRequest` for an unknown version, or the same twice.
 */
export const movePolicy = async (
  ports: MovePolicyPorts,
  { from, to, isDryRun, reason, cursor, actor, causationId }: PolicyMove,
): Promise<{ readonly sites: readonly MovedSite[]; readonly cursor?: string }> => {
  const { sites, siteLists, policies, clocks, randomness } = ports
  const [old, next] = [requireKnown(policies, from, 'from'), requireKnown(policies, to, 'to')]
  if (from === to) {
    throw new SitewrightError('InvalidRequest', 'The two versions must be different.', {
      fields: [{ path: 'to', message: 'must not be the same as from' }],
    })
  }
  const context: ChangeContext = { actor, causationId, clocks, randomness }
  const kept = ['active', 'asleep', 'suspended', 'archived'] as const
  const page = await siteLists.pageByStatus(kept, { limit: pageSize, ...defined({ cursor }) })
  const changed: MovedSite[] = []
  for (const { id } of page.items) {
    let before: KeptSite | undefined
    let after: Site | undefined
    await changeSite(sites, id, (site) => {
      before = isKept(site) && site.policyVersion === from ? site : undefined
      const change = before && changePolicy(before, { from: old, to: next, reason }, context)
      after = change?.after
      return isDryRun ? undefined : change
    })
    if (before !== undefined && after !== undefined) changed.push(moved(before, after, old, next, clocks.domain()))
  }
  return { sites: changed, ...defined({ cursor: page.cursor }) }
}
