import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import { isTrialPlan, type Size } from '../../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { isSameEndpoint } from '../../../core/site/location.ts'
import { entitledUntil } from '../../../core/site/next-step.ts'
import { keptOperation } from '../../../core/site/operation-changes.ts'
import { type ActiveSite, type Endpoint, isLive, type KeptSite, type ReadySite } from '../../../core/site/site.ts'
import type { TrialPolicy } from '../../../core/site/trial-policy.ts'
import { withoutDeletion } from '../../endings/deletion.ts'
import { passedReminders, unwarned } from '../../trials/extension.ts'

/** Protects a site from archiving and purging. */
export const holdSite = (site: KeptSite, reason: string, context: ChangeContext): SiteChange => {
  const { operation: _, ...kept } = site
  const heldSince = site.heldSince ?? context.clocks.domain()
  const after = { ...kept, ...keptOperation(site), heldSince, version: site.version + 1 }
  return siteChange({ transition: 'hold', before: site, after, details: { reason } }, context)
}

export const endHold = (site: KeptSite, reason: string, context: ChangeContext): SiteChange => {
  const { heldSince: _, reprievedUntil: __, ...kept } = site
  const after = { ...kept, ...unwarned(site), version: site.version + 1 }
  return siteChange({ transition: 'endHold', before: site, after, details: { reason } }, context)
}

/** @param minutes null for never. */
export const chooseSleep = (site: KeptSite, minutes: number | null, context: ChangeContext): SiteChange => {
  const after = { ...site, version: site.version + 1, sleepAfterMinutes: minutes }
  return siteChange({ transition: 'chooseSleep', before: site, after }, context)
}

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
    version: site.version + 1,
  }
  return siteChange({ transition: 'changeUrl', before: site, after }, context)
}

/** In days: the least time left of a trial after a plan, so that its owner is reminded. */
const trialAfterPlan = 7

const onTrialAgain = (site: KeptSite, now: Instant) => {
  const earliestEnd = plusDays(now, trialAfterPlan)
  return isLive(site) && site.trialEndsAt < earliestEnd ? { trialEndsAt: earliestEnd, reminded: [] } : unwarned(site)
}

/** Drops an uncommitted reclaim. */
export const changePlan = (
  site: KeptSite,
  { plan, reason }: { readonly plan: string; readonly reason: string },
  context: ChangeContext,
): SiteChange => {
  const isTrial = isTrialPlan(plan)
  const { operation: _, reprievedUntil: __, ...kept } = isTrial ? site : withoutDeletion(site)
  const facts = isTrial ? onTrialAgain(site, context.clocks.domain()) : {}
  const after = { ...kept, ...keptOperation(site), ...facts, plan, version: site.version + 1 }
  return siteChange({ transition: 'changePlan', before: site, after, details: { reason } }, context)
}

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
  const after = {
    ...kept,
    ...keptOperation(site),
    policyVersion: policy.version,
    trialEndsAt,
    reminded: passedReminders(entitledUntil({ ...site, trialEndsAt }, policy) ?? trialEndsAt, policy, now),
    ...unwarned(site),
    version: site.version + 1,
  }
  const details = {
    policyVersion: policy.version,
    previousPolicyVersion: site.policyVersion,
    ...(reason === undefined ? {} : { reason }),
  }
  return siteChange({ transition: 'changePolicy', before: site, after, details }, context)
}

const withoutDown = ({ down: _, ...kept }: Omit<ActiveSite, 'endpoint'>) => kept

/** An owner's site that does not answer. */
export type DownSite = ActiveSite & { readonly down: NonNullable<ActiveSite['down']> }

/** Records that its owner gets a mail because it does not answer. */
export const noteDown = (site: DownSite, context: ChangeContext): SiteChange<ActiveSite> => {
  const after: ActiveSite = { ...site, version: site.version + 1, down: { since: site.down.since, isTold: true } }
  return siteChange({ transition: 'noteDown', before: site, after }, context)
}

/**
 * Records the site's address; undefined if it is the same.
 * @param size recorded if it was not.
 */
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
    version: site.version + 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(isDown ? { down: { since: context.clocks.wall() } } : {}),
    ...(started === undefined ? {} : { size: started }),
  }
  return siteChange({ transition: 'move', before: site, after }, context)
}
