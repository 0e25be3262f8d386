import { type Instant, plusDays } from '../../core/instant.ts'
import type { LeadReason, LeadStage } from './lead.ts'
import type { LeadPolicy, LeadRule } from './lead-policy.ts'
import {
  eventCount,
  type FactForm,
  factForms,
  type LeadFacts,
  measure,
  usageMemoryDays,
  usedDaysOf,
} from './lead-rules.ts'

const millisecondsPerDay = 86_400_000

const pointsOf = (
  { fact, event, points, atLeast, atMost, per, most = 100, halfLifeDays }: LeadRule,
  facts: LeadFacts,
  now: Instant,
): LeadReason | undefined => {
  const found = measure(fact, facts, now, event)
  if (found === undefined || found.value < atLeast || (atMost !== undefined && found.value > atMost)) return undefined
  const times = per === undefined ? 1 : Math.floor(found.value / per)
  const full = Math.sign(points) * Math.min(Math.abs(points * times), most)
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

export const furthestDays = 2 * usageMemoryDays

/** The longest half-life that matters, and longer than any stage. */
const longestDays = 2 * 365

/** Whether time alone can change the score later than two months from now. */
const canChange = ({ isClosed, sites, contactRequests, refusals }: LeadFacts, now: Instant): boolean =>
  !isClosed && (sites.live > 0 || [contactRequests, refusals].some(({ lastAt }) => isWithin(lastAt, longestDays, now)))

/**
 * When the score or the stage can change without any event; undefined if they stay.
 * @param isAwake whether a site runs, so that it can be used.
 */
export const nextLook = (
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
