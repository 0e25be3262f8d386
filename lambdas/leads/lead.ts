import * as z from 'zod'
import type { LeadEvent } from '../../core/events/event.ts'
import { type AccountId, idSchema } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { productEventSchema } from '../reports/usage/product-events.ts'
import { factNames, leadFactsSchema, refusalsSchema } from './lead-facts.ts'

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
  /** Who of the account's team wrote it. Missing in those of an earlier version. */
  personId: idSchema('prsn').optional(),
})
export type ContactRequest = z.infer<typeof contactRequestSchema>

/** The most characters of a next step. */
export const longestStep = 200

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
  checkAt: instant.optional(),
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
