import { refuse } from '../../core/errors.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { isSameTarget } from '../../core/site/rehearsal.ts'
import { isAgreed, latestBegin, presentForecast, type Relocation } from '../../core/site/relocation.ts'
import type { KeptSite, LiveSite } from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { isSwitching } from './switch-sides.ts'

const requireRelocation = (site: KeptSite): Relocation =>
  site.relocation ?? refuse('No relocation of this site is planned.')

/** @throws {SitewrightError} `TransitionNotAllowed` while the relocation happens, or waits for its confirmation. */
const requireBeforeSwitch = (site: KeptSite): void => {
  if (isSwitching(site)) refuse('The relocation is in progress.')
  if (site.relocation?.switched) refuse('The last relocation of this site is not confirmed. Confirm it first.')
}

/** Of a plan that is withdrawn or replaced: its owner relied on it. */
const acceptance = (relocation: Relocation | undefined) =>
  relocation?.state === 'accepted' && { wasAccepted: true as const }

/** In days: the least time left of a trial after a relocation that did not happen. */
const trialAfterMiss = 7

/** The trial of a site whose accepted relocation does not happen: at least a week, and the reminders that the acceptance had left out. */
const trialWithout = (
  { plan, trialEndsAt, relocation }: Pick<LiveSite, 'plan' | 'trialEndsAt' | 'relocation'>,
  now: Instant,
): Partial<Pick<LiveSite, 'trialEndsAt' | 'reminded'>> => {
  if (!isTrialPlan(plan) || !isAgreed(relocation)) return {}
  const end = plusDays(now, trialAfterMiss)
  if (trialEndsAt < end) return { trialEndsAt: end, reminded: [] }
  return trialEndsAt === relocation.window.until ? { reminded: [] } : {}
}

export type RelocationDraft = Pick<Relocation, 'target' | 'window' | 'contract' | 'confirmDays'>

/**
 * Plans a relocation, or changes the plan: then the owner has to accept it again, and another target has to be rehearsed again.
 * @throws {SitewrightError} `TransitionNotAllowed` during a relocation and until it is confirmed.
 */
export const draftRelocation = (
  site: LiveSite,
  draft: RelocationDraft,
  draftedBy: string,
  context: ChangeContext,
): SiteChange<LiveSite> => {
  requireBeforeSwitch(site)
  const before = site.relocation
  const revision = (before?.revision ?? 0) + 1
  const forecast = before && isSameTarget(before.target, draft.target) ? presentForecast(site, before) : undefined
  const relocation: Relocation = { ...draft, revision, state: 'draft', draftedBy, ...(forecast && { forecast }) }
  const after = { ...site, ...trialWithout(site, context.clocks.domain()), relocation }
  const details = { revision, ...acceptance(before) }
  return siteChange({ transition: 'draftRelocation', before: site, after, details }, context)
}

/**
 * Accepts one revision of the plan for the owner. A trial is extended to the end of the window.
 * @throws {SitewrightError} `TransitionNotAllowed` if the plan has changed, was not rehearsed with the version of the site, or its window is too short or too near.
 */
export const acceptRelocation = (
  site: LiveSite,
  { revision, personId }: { readonly revision: number; readonly personId: NonNullable<Relocation['acceptedBy']> },
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange<LiveSite> | undefined => {
  const planned = requireRelocation(site)
  if (planned.revision !== revision) refuse('The plan has changed since. Read it again.')
  if (planned.state === 'accepted') return undefined
  if (planned.state !== 'draft') refuse('This relocation has happened already.')
  if (planned.forecast === undefined)
    refuse('This relocation has not been rehearsed yet. We will tell you when it has.')
  if (presentForecast(site, planned) === undefined) {
    refuse('Your site has another version since this relocation was rehearsed. We will rehearse it again.')
  }
  const { window } = planned
  const now = context.clocks.domain()
  if (now >= window.from) refuse('The time of this relocation has passed. We will suggest another one.')
  if (latestBegin(planned) < window.from) refuse('The window is too short for this relocation.')
  const relocation: Relocation = {
    ...planned,
    state: 'accepted',
    acceptedBy: personId,
    ...(plusDays(window.from, -1) <= now && { announced: true }),
  }
  const trialEndsAt = isTrialPlan(site.plan) && site.trialEndsAt < window.until ? window.until : undefined
  // It is not reminded of an end that its owner has agreed to avoid.
  const trial = trialEndsAt && { trialEndsAt, reminded: policy.reminderDaysBefore }
  const after = { ...site, ...trial, relocation }
  const details = { revision, ...(trialEndsAt && { trialEndsAt }) }
  return siteChange({ transition: 'acceptRelocation', before: site, after, details }, context)
}

/** Its event sends the mails of the day before. */
export const announceRelocation = (site: LiveSite, context: ChangeContext): SiteChange<LiveSite> => {
  const relocation: Relocation = { ...requireRelocation(site), announced: true }
  const after = { ...site, relocation }
  return siteChange({ transition: 'announceRelocation', before: site, after }, context)
}

/** The plan is a draft again: sales plan another window, and the owner accepts it. */
export const missRelocation = (site: LiveSite, because: string, context: ChangeContext): SiteChange<LiveSite> => {
  const { acceptedBy: _, announced: __, failed: ___, ...planned } = requireRelocation(site)
  const now = context.clocks.domain()
  const relocation: Relocation = { ...planned, state: 'draft', missed: { at: now, because } }
  const after = { ...site, ...trialWithout(site, now), relocation }
  return siteChange({ transition: 'missRelocation', before: site, after, details: { because } }, context)
}

/** @throws {SitewrightError} `TransitionNotAllowed` during a relocation and until it is confirmed. */
export const withdrawRelocation = (site: LiveSite, reason: string, context: ChangeContext): SiteChange<LiveSite> => {
  requireRelocation(site)
  requireBeforeSwitch(site)
  const { relocation, ...kept } = site
  const after = { ...kept, ...trialWithout(site, context.clocks.domain()) }
  const details = { reason, ...acceptance(relocation) }
  return siteChange({ transition: 'withdrawRelocation', before: site, after, details }, context)
}

/** The contract that counts from the confirmation on: that of the side to which the relocation went. */
const contractAhead = ({ relocation }: KeptSite): KeptSite['contract'] =>
  relocation?.state === 'switched' ? relocation.contract : undefined

/** Until when the owner's bank may confirm a change of the plan, which the owner would pay beside a contract that begins now; undefined if none waits. */
export const planWaitsUntil = (
  site: KeptSite,
  { clocks }: Pick<ChangeContext, 'clocks'>,
  contract: KeptSite['contract'] | null = contractAhead(site),
): Instant | undefined => {
  const until = site.billing?.pendingChange?.expiresAt
  const begins = contract && site.contract === undefined
  return begins && until !== undefined && until > clocks.domain() ? until : undefined
}

const requireNoWaitingPlan = (...waiting: Parameters<typeof planWaitsUntil>): void => {
  const until = planWaitsUntil(...waiting)
  if (until)
    refuse(`A change of the plan waits until ${until} for the owner's bank. No contract can begin before that ends.`)
}

/**
 * Ends a relocation: the site stays as it is now. Where it was relocated with a contract, that counts from now on, and a subscription is not
 * renewed any more.
 * @throws {SitewrightError} `TransitionNotAllowed` unless the site was switched, and while a change of the plan waits for the owner's bank.
 */
export const confirmRelocation = (
  site: KeptSite,
  { reason }: { readonly reason?: string },
  context: ChangeContext,
): SiteChange<KeptSite> => {
  const { state, switched } = requireRelocation(site)
  if (switched === undefined) refuse('This relocation has not happened yet.')
  if (isSwitching(site)) refuse('The site is being switched right now.')
  requireNoWaitingPlan(site, context)
  const contract = contractAhead(site)
  const { relocation: _, ...kept } = site
  const side = state === 'switched' ? ('relocated' as const) : ('returned' as const)
  const after: KeptSite = { ...kept, ...(contract && { contract }) }
  const details = { side, ...(reason !== undefined && { reason }) }
  return siteChange({ transition: 'confirmRelocation', before: site, after, details }, context)
}

/**
 * Replaces the contract that covers a site, or ends it with null: then its owner has at least a week to pay, and a subscription that is paid for
 * gives its plan again.
 * @throws {SitewrightError} `TransitionNotAllowed` from the acceptance of a relocation until its confirmation, and for a first contract while a change of
 *   the plan waits for the owner's bank.
 */
export const changeContract = (
  site: LiveSite,
  { contract, reason }: { readonly contract: KeptSite['contract'] | null; readonly reason?: string | undefined },
  context: ChangeContext,
): SiteChange<LiveSite> | undefined => {
  if (isAgreed(site.relocation)) refuse('A relocation is agreed on. Its contract counts from the confirmation.')
  requireNoWaitingPlan(site, context, contract)
  const { contract: before, ...kept } = site
  if (!contract && before === undefined) return undefined
  const end = plusDays(context.clocks.domain(), trialAfterMiss)
  const ended = {
    trialEndsAt: site.trialEndsAt < end ? end : site.trialEndsAt,
    reminded: [],
    ...(site.billing && { billing: { ...site.billing, plansAgain: true as const } }),
  }
  const after = { ...kept, ...(contract ? { contract } : ended) }
  const details = { side: 'contract' as const, ...(reason !== undefined && { reason }) }
  return siteChange({ transition: 'confirmRelocation', before: site, after, details }, context)
}
