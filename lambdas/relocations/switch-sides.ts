import { refuse } from '../../core/errors.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { Archive } from '../../core/site/archive.ts'
import type { SiteUnder } from '../../core/site/change-site.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import type { Target } from '../../core/site/operation.ts'
import { isAgreed, type Relocation } from '../../core/site/relocation.ts'
import type { ActiveSite, KeptSite, LiveSite } from '../../core/site/site.ts'

type RelocatingSite = ActiveSite & SiteUnder<'upgrade'>

/** In days: the least time left of a trial that the site goes to, and of a subscription that it goes back to. */
const trialAfterReturn = 7

/** The time left begins with the confirmation where a contract counts from then on: nothing else may cover the site until then. */
const leftFrom = (relocation: Relocation, at: Instant, now: Instant): Instant => {
  const confirmedAt = plusDays(at, relocation.confirmDays)
  const isAwaited = relocation.contract !== undefined && otherSide(relocation) === 'switched'
  return isAwaited && confirmedAt > now ? confirmedAt : now
}

/** What the site runs now, as the way back names it. */
const presentOf = ({ plan, blueprint, configuration = 0, cell }: ActiveSite): Target => ({
  plan,
  blueprint,
  configuration,
  cell,
})

/** The side that a site is on, or on its way to; that of a plan is neither. */
export const sideAhead = ({ relocation, operation }: LiveSite): Relocation['state'] | undefined => {
  const isOnItsWay = operation?.kind === 'upgrade' && operation.relocates && !operation.moved
  return relocation?.switched !== undefined && isOnItsWay ? otherSide(relocation) : relocation?.state
}

export const otherSide = ({ state }: Relocation): 'switched' | 'returned' =>
  state === 'switched' ? 'returned' : 'switched'

/** Whether the data of this side was lost with its cell: there is nothing to go forward to again. */
export const losesSide = ({ operation: { copy }, relocation }: RelocatingSite): boolean =>
  copy?.isLost === true && copy.restores === relocation?.switched?.archiveId

/**
 * What the record says once the switch of a relocation, or the way back, is committed.
 * @param archive of the data that was left.
 */
export const afterSwitch = (
  site: RelocatingSite,
  archive: Archive | undefined,
  { clocks }: ChangeContext,
): Partial<Pick<ActiveSite, 'relocation' | 'trialEndsAt' | 'reminded'>> => {
  const { relocation, operation } = site
  if (relocation === undefined) return {}
  const now = clocks.domain()
  const at = relocation.switched?.at ?? now
  const trialEndsAt = plusDays(leftFrom(relocation, at, now), trialAfterReturn)
  const isPaid = !isTrialPlan(operation.target.plan ?? site.plan) && relocation.contract === undefined
  const endsSoon = !isPaid || otherSide(relocation) === 'returned'
  const trial = endsSoon && site.trialEndsAt < trialEndsAt && { trialEndsAt, reminded: [] }
  if (losesSide(site)) return { relocation: undefined, ...trial }
  if (operation.relocates === undefined || archive === undefined) return {}
  const switched = { at, archiveId: archive.id, back: presentOf(site) }
  return { relocation: { ...relocation, state: otherSide(relocation), switched }, ...trial }
}

export const switchDetails = (site: RelocatingSite) => {
  const { operation, relocation } = site
  const isLost = losesSide(site)
  if (relocation === undefined || !(operation.relocates || isLost)) return {}
  return { relocation: otherSide(relocation), ...(isLost && { isLost: true as const }) }
}

/** What the record says once the switch was given up: the sweep then plans it anew. A way back that failed changes nothing. */
export const afterFailedSwitch = (
  { relocation, operation }: RelocatingSite,
  because: string,
): Partial<Pick<ActiveSite, 'relocation'>> =>
  operation.relocates === undefined || relocation?.state !== 'accepted'
    ? {}
    : { relocation: { ...relocation, failed: because } }

/** Whether its relocation or its way back is in progress. */
export const isSwitching = ({ operation }: KeptSite): boolean =>
  operation?.kind === 'upgrade' && operation.relocates === true

/** Suspension and deletion cancel what has not happened. */
export const withoutPlan = (site: KeptSite): KeptSite => {
  const { relocation, ...kept } = site
  return relocation?.switched === undefined ? kept : site
}

/** @throws {SitewrightError} `TransitionNotAllowed` from the acceptance until the confirmation, unless the site went back, and under a contract. */
export const requireNoAgreement = ({ relocation, contract }: KeptSite): void => {
  if (isAgreed(relocation) && relocation.state !== 'returned')
    refuse('A change of this site is agreed on. Its plan cannot change until that is done.')
  if (contract !== undefined) refuse('A contract covers this site. Contact us to change its plan.')
}
