import * as z from 'zod'
import type { LeadEvent } from '../../core/events/event.ts'
import { type AccountId, idSchema } from '../../core/ids.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import type { Page } from '../../core/ports/stores.ts'
import { productEventSchema } from '../reports/usage/product-events.ts'
import {
  eventCount,
  type FactForm,
  factForms,
  factNames,
  type LeadFacts,
  type LeadPolicy,
  type LeadRule,
  leadFactsSchema,
  measure,
  refusalsSchema,
  usageMemoryDays,
  usedDaysOf,
} from './lead-rules.ts'

const instant = z.iso.datetime({ precision: 3 })

/** From the first to the last; an account can go back and skip. */
export const leadStages = [
  'signed-up',
  'activated',
  'engaged',
  'asked',
  'customer',
  'expanding',
  'at-risk',
  'lost',
] as const
export type LeadStage = (typeof leadStages)[number]

const reasonSchema = z.strictObject({
  fact: z.enum(factNames),
  event: productEventSchema.optional(),
  about: z.string().optional(),
  value: z.number(),
  points: z.int(),
})
export type LeadReason = z.infer<typeof reasonSchema>

export const contactTopics = ['plans', 'enterprise', 'services', 'other'] as const
export const leadOutcomes = ['open', 'won', 'lost', 'later'] as const

export const contactRequestSchema = z.strictObject({
  at: instant,
  siteId: idSchema('site'),
  topic: z.enum(contactTopics),
  message: z.string(),
})
export type ContactRequest = z.infer<typeof contactRequestSchema>

/** What sales people enter. */
const workSchema = z.strictObject({
  /** An address of `leads.people`. */
  assignee: z.string().optional(),
  outcome: z.enum(leadOutcomes).default('open'),
  nextStep: z.strictObject({ text: z.string(), at: instant }).optional(),
  /** Newest first. */
  notes: z.array(z.strictObject({ at: instant, by: z.string(), text: z.string() })).readonly(),
})
export type LeadWork = z.infer<typeof workSchema>

/** An hour of usage as it was last read, by the wall clock. */
const readHourSchema = z.strictObject({
  hour: instant,
  requests: z.int().nonnegative(),
  /** Errors and bytes, for its row. */
  others: z.array(z.int().nonnegative()).readonly(),
  productEvents: z.record(z.string(), z.int()).optional(),
  /** The hour of its row for reports, by the domain clock when it was first read. */
  at: instant.optional(),
})
export type ReadHour = z.infer<typeof readHourSchema>

/** One for each account, also for one that pays. It is erased with its person. */
export const leadSchema = z.strictObject({
  schemaVersion: z.literal(1),
  accountId: idSchema('acct'),
  personId: idSchema('prsn'),
  /** Raised by every write. */
  version: z.int().positive(),
  /** How many events it has; the last one has this version. */
  events: z.int().nonnegative(),
  /** Raised by what sales people write: two of them must not overwrite each other. */
  revision: z.int().nonnegative(),
  stage: z.enum(leadStages),
  stageSince: instant,
  score: z.int().min(0).max(100),
  /** The best score since it cooled last. */
  scoreBefore: z.int().optional(),
  /** When its score was last so far below the best that it cooled, for the digest. */
  cooledAt: instant.optional(),
  reasons: z.array(reasonSchema).readonly(),
  facts: leadFactsSchema,
  /** The score is that of the facts at this instant, by the domain clock. */
  scoredAt: instant,
  /** When it is scored again without an event. */
  lookAt: instant.optional(),
  /** The last hour of usage that was read of each site, and the hour before it, so that nothing counts twice. */
  read: z.record(z.string(), readHourSchema.extend({ before: readHourSchema.optional() })),
  /** Newest first. */
  contactRequests: z.array(contactRequestSchema).readonly(),
  refusals: refusalsSchema.optional(),
  work: workSchema,
})
export type Lead = z.infer<typeof leadSchema>

/** What a lead has before it is scored, and before anybody works on it. */
export const newLead: Pick<Lead, 'events' | 'revision' | 'contactRequests' | 'work'> & Partial<Lead> = {
  events: 0,
  revision: 0,
  contactRequests: [],
  work: { outcome: 'open', notes: [] },
}

/** When time runs out for a lead: the end of its trial. */
export const deadlineOf = ({ facts }: Pick<Lead, 'facts'>): Instant | undefined => facts.trialEndsAt

export interface LeadStore {
  /** Strongly consistent. */
  readonly get: (id: AccountId) => Promise<Lead | undefined>
  /**
   * Writes a lead on condition of the version before, with its event in the same transaction.
   * @returns false on a conflict, or if an earlier attempt succeeded and lost its reply.
   */
  readonly save: (lead: Lead, ...events: readonly LeadEvent[]) => Promise<boolean>
  readonly remove: (id: AccountId) => Promise<void>
  /** The accounts whose leads are to be scored again, earliest first. Also those due in 70 days and later: the clock was ahead when they were scored. */
  readonly due: (until: Instant) => AsyncIterable<AccountId>
}

export type LeadQuery =
  | { readonly by: 'stage'; readonly stages: readonly LeadStage[] }
  | { readonly by: 'assignee'; readonly assignee: string }
  | { readonly by: 'not-assigned-to'; readonly people: readonly string[] }
  | { readonly by: 'deadline' | 'news'; readonly after: Instant }

/** Lists of leads. Their indexes may be behind. */
export interface LeadLists {
  /**
   * By stage: highest score first. By assignee: earliest next step first, then those without one. Not assigned to people: those of other assignees,
   * and those with a next step and no assignee. By deadline: earliest first. News: those without an assignee and a next step, by when they cooled
   * last or signed up, earliest first.
   * @throws {SitewrightError} `InvalidRequest` for a cursor of another list.
   */
  readonly page: (query: LeadQuery, page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Lead>>
}

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

/** Scores a lead by its facts at an instant. */
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
