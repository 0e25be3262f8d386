import { type Instant, plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import { isKept, isLive, type KeptSite, type Site } from '../../core/site/site.ts'
import { type Lead, type LeadReason, type LeadStage, longestStep } from './lead.ts'
import {
  eventCount,
  type FactForm,
  factForms,
  type LeadFacts,
  type LeadPolicy,
  type LeadRule,
  measure,
  usageMemoryDays,
  usedDaysOf,
} from './lead-facts.ts'

const millisecondsPerDay = 86_400_000

const pointsOf = (
  { fact, event, points, atLeast, atMost, per, max = 100, halfLifeDays }: LeadRule,
  facts: LeadFacts,
  now: Instant,
): LeadReason | undefined => {
  const found = measure(fact, facts, now, event)
  if (found === undefined || found.value < atLeast || (atMost !== undefined && found.value > atMost)) return undefined
  const times = per === undefined ? 1 : Math.floor(found.value / per)
  const full = Math.sign(points) * Math.min(Math.abs(points * times), max)
  const age = found.at === undefined ? 0 : Math.max(0, Date.parse(now) - Date.parse(found.at)) / millisecondsPerDay
  const left = Math.round(halfLifeDays === undefined ? full : full * 0.5 ** (age / halfLifeDays))
  const { value, about } = found
  return left === 0 ? undefined : { fact, ...(event && { event }), ...(about && { about }), value, points: left }
}

/** `+20: used on 4 of the last 7 days`. */
export const reasonText = ({ fact, event, about, value, points }: LeadReason): string => {
  const { say }: FactForm = factForms[fact]
  return `${points > 0 ? '+' : '−'}${Math.abs(points)}: ${say(value, event ?? about)}`
}

const isWithin = (at: Instant | undefined, days: number, now: Instant): boolean =>
  at !== undefined && plusDays(at, days) > now

const stageOf = (facts: LeadFacts, { stages }: LeadPolicy, now: Instant): LeadStage => {
  const { sites, isClosed, payment, storagePercent = 0, contactRequests, activatedAt } = facts
  const hasAsked = isWithin(contactRequests.lastAt, stages.askedDays, now)
  if (isClosed) return 'lost'
  if (sites.paid > 0) {
    const idleDays = measure('idleDays', facts, now)?.value ?? 0
    if (payment !== undefined || sites.live === 0 || idleDays >= stages.atRiskIdleDays) return 'at-risk'
    return hasAsked || storagePercent >= stages.expandingStoragePercent ? 'expanding' : 'customer'
  }
  if (hasAsked) return 'asked'
  if (sites.ended > 0 && sites.live === 0) return 'lost'
  if (activatedAt === undefined) return 'signed-up'
  return usedDaysOf(facts, now) >= stages.engagedDays ? 'engaged' : 'activated'
}

export interface LeadScore {
  readonly stage: LeadStage
  /** From 0 to 100. */
  readonly score: number
  readonly reasons: readonly LeadReason[]
}

export const scoreLead = (facts: LeadFacts, policy: LeadPolicy, now: Instant): LeadScore => {
  const reasons = policy.rules.flatMap((rule) => pointsOf(rule, facts, now) ?? [])
  const sum = reasons.reduce((total, { points }) => total + points, 0)
  return { stage: stageOf(facts, policy, now), score: Math.min(100, Math.max(0, sum)), reasons }
}

/** Whether use makes the lead activated, by what is remembered. */
export const isActivated = (
  { usage, productEvents }: Pick<LeadFacts, 'usage' | 'productEvents'>,
  { activated }: LeadPolicy,
): boolean => {
  if (activated.event !== undefined) return eventCount(productEvents, activated.event) >= activated.times
  return usage.length >= activated.days || usage.reduce((sum, { requests }) => sum + requests, 0) >= activated.requests
}

/** Looking again is due after at most so many days while a site may be used without any event. */
const awakeDays = 0.25

const furthestDays = 2 * usageMemoryDays

/** The longest half-life that matters, and longer than any stage. */
const longestDays = 2 * 365

/** Whether time alone can change the score later than two months from now. */
const canChange = ({ isClosed, sites, contactRequests, refusals }: LeadFacts, now: Instant): boolean =>
  !isClosed && (sites.live > 0 || [contactRequests, refusals].some(({ lastAt }) => isWithin(lastAt, longestDays, now)))

/**
 * When the score or the stage can change without any event; undefined if they stay.
 * @param isAwake whether a site runs, so that it can be used.
 */
export const nextCheck = (
  facts: LeadFacts,
  policy: LeadPolicy,
  { now, isAwake }: { readonly now: Instant; readonly isAwake: boolean },
): Instant | undefined => {
  if (isAwake) return plusDays(now, awakeDays)
  const { stage, score } = scoreLead(facts, policy, now)
  for (let day = 1; day <= furthestDays; day += 1) {
    const at = plusDays(now, day)
    const then = scoreLead(facts, policy, at)
    if (then.stage !== stage || then.score !== score) return at
  }
  // Rules and trials may be longer.
  return canChange(facts, now) ? plusDays(now, furthestDays) : undefined
}

/** In days before the end of a contract. */
const renewalDays = 60

const dueOf = (lastDay: string): Instant => plusDays(`${lastDay}T00:00:00.000Z`, -renewalDays)

/** When a contract should be talked about; undefined without one. */
const renewalOf = ({ contractEndsOn }: Lead['facts']): Instant | undefined => contractEndsOn && dueOf(contractEndsOn)

/** The contract that covers a site here. One of a site that has moved goes on elsewhere. */
const contractOf = (site: KeptSite): KeptSite['contract'] =>
  isLive(site) || site.suspendedBecause !== 'moved' ? site.contract : undefined

/** Paid for by a subscription or by agreement. A contract goes on when the subscription ends that was before it. */
export const isPaid = ({ plans }: Pick<Context, 'plans'>, site: KeptSite): boolean =>
  contractOf(site) !== undefined || (plans.find(site.plan).kind !== 'trial' && site.billing?.state !== 'ended')

export const paymentOf = (paid: readonly KeptSite[]): LeadFacts['payment'] => {
  const states = paid.flatMap((site) => (contractOf(site) === undefined ? (site.billing ?? []) : []))
  if (states.some(({ state }) => state === 'past-due' || state === 'paused')) return 'overdue'
  return states.some(({ cancelsAtPeriodEnd }) => cancelsAtPeriodEnd) ? 'cancelled' : undefined
}

const lastDays = (sites: readonly Site[]): readonly string[] =>
  sites
    .filter(isKept)
    .flatMap((site) => contractOf(site)?.lastDay ?? [])
    .toSorted()

/** The last day of the contract that came due last, so that each of several is talked about; before, of the first one. */
export const contractEnd = (sites: readonly Site[], now: Instant): string | undefined => {
  const days = lastDays(sites)
  return days.findLast((day) => dueOf(day) <= now) ?? days[0]
}

/** When a lead is scored again for its next contract. Looks further ahead are taken for those of a clock that was ahead. */
export const renewalCheck = (sites: readonly Site[], now: Instant): Instant | undefined => {
  const due = lastDays(sites)
    .map(dueOf)
    .find((at) => at > now)
  const furthest = plusDays(now, furthestDays)
  return due === undefined || due < furthest ? due : furthest
}

/** Whether a contract ends soon, or has ended, and nobody has done the next step. */
export const isRenewalDue = ({ facts, work }: Pick<Lead, 'facts' | 'work'>, now: Instant): boolean => {
  const due = renewalOf(facts)
  return due !== undefined && due <= now && work.nextStep !== undefined
}

/** Adds the next step to renew a contract, once its time has come. Somebody who removes it, or plans another one, is not asked again. */
export const withRenewal = (lead: Lead, before: Lead | undefined, now: Instant): Lead => {
  const due = renewalOf(lead.facts)
  if (due === undefined || due > now) return lead
  const wasTold = before !== undefined && renewalOf(before.facts) === due && before.scoredAt >= due
  const { nextStep } = lead.work
  // Another contract may come due while the step of the first one is open.
  const renew = `renew by ${lead.facts.contractEndsOn}`
  if (wasTold || nextStep?.text.split('; ').includes(renew)) return lead
  const joined = [renew, ...(nextStep === undefined ? [] : [nextStep.text])].join('; ')
  // A longer one could not be saved again. No half of a character is left of one that is cut.
  const text = joined.slice(0, longestStep).replace(/[\ud800-\udbff]$/, '')
  const at = nextStep !== undefined && nextStep.at < due ? nextStep.at : due
  return { ...lead, work: { ...lead.work, nextStep: { text, at } } }
}

/** What people wrote about a lead is kept while it is not lost, and for `retentionDays` after the last of it. */
const keptUntil = ({ stageSince, work, contactRequests }: Lead, { retentionDays }: LeadPolicy): Instant => {
  const written = [...work.notes, ...contactRequests, ...(work.nextStep === undefined ? [] : [work.nextStep])]
  const last = written.reduce((latest, { at }) => (at > latest ? at : latest), stageSince)
  return plusDays(last, retentionDays)
}

/** The lead without messages, notes and next step, if it was lost for that long; otherwise it is scored again in time. */
export const forgetWords = (lead: Lead, policy: LeadPolicy, now: Instant): Lead => {
  const { stage, work, contactRequests, checkAt } = lead
  const hasWords = contactRequests.length > 0 || work.notes.length > 0 || work.nextStep !== undefined
  if (stage !== 'lost' || !hasWords) return lead
  const until = keptUntil(lead, policy)
  if (until > now) {
    const next = [checkAt ?? until, until, plusDays(now, furthestDays)].toSorted()[0] ?? until
    return { ...lead, checkAt: next }
  }
  const { nextStep: _, ...rest } = work
  return { ...lead, contactRequests: [], work: { ...rest, notes: [] } }
}
