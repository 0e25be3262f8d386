import * as z from 'zod'
import { idSchema } from '../ids.ts'

export const siteEventTypes = [
  'SiteRequested',
  'SiteBuildAdvanced',
  'SiteBuildRetried',
  'SiteStocked',
  'SiteOpened',
  'SiteFailed',
  'SiteClaimed',
  'SiteRetired',
  'SiteMoved',
  'SiteSuspended',
  'SiteResumed',
  'SiteArchived',
  'SiteRestored',
  'SitePurged',
  'SiteReminded',
  'SiteWarned',
  'SiteNoticesSkipped',
  'TrialExtended',
  'SitePlanChanged',
  'SitePolicyChanged',
  'SiteHeld',
  'SiteHoldEnded',
  'SiteOperationBegun',
  'SiteOperationRetried',
  'SiteOperationEnded',
  'SiteDeletionRequested',
  'SiteDeletionRevoked',
  'SitePurgeRequested',
  'SiteCopied',
  'SiteStorageNoted',
] as const

/** What staff may be; each may do what `lambdas/http/operator-operations.ts` lists for it. */
export const operatorRoles = ['support', 'sales', 'admin'] as const
export type OperatorRole = (typeof operatorRoles)[number]

export const actorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('owner'), personId: idSchema('prsn') }),
  /** Known by the subject of their token, never by their address. */
  z.strictObject({ kind: z.literal('operator'), operatorId: z.string(), role: z.enum(operatorRoles) }),
])
export type Actor = z.infer<typeof actorSchema>

const envelope = {
  schemaVersion: z.literal(1),
  id: idSchema('evt'),
  /** The version that the aggregate has after this event: lock, order and gap check in one. */
  version: z.int().positive(),
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema,
  /** What brought it about: a request's id or an earlier event's. */
  causationId: z.string(),
}

export const siteEventSchema = z.strictObject({
  ...envelope,
  type: z.enum(siteEventTypes),
  aggregate: z.strictObject({ type: z.literal('site'), id: idSchema('site') }),
  data: z.strictObject({
    status: z.string(),
    previousStatus: z.string().optional(),
    plan: z.string(),
    cell: z.string(),
    blueprint: z.strictObject({ name: z.string(), version: z.int() }),
    accountId: idSchema('acct').optional(),
    /** The build step that was completed, or that failed. */
    step: z.string().optional(),
    previousPlan: z.string().optional(),
    previousPolicyVersion: z.int().optional(),
    policyVersion: z.int().optional(),
    /** How many days before the deadline a reminder or warning went out. */
    daysBefore: z.int().optional(),
    /** What is under way: a kind of operation. */
    operation: z.string().optional(),
    /** How it ended, where it is over. */
    outcome: z.string().optional(),
    /** The new end of the trial. */
    trialEndsAt: z.string().optional(),
    archiveId: idSchema('arc').optional(),
    /** Why: a word of ours, such as `trial-ended`. */
    because: z.string().optional(),
    /** Why, in an operator's words. */
    reason: z.string().optional(),
  }),
})

export const accountEventSchema = z.strictObject({
  ...envelope,
  type: z.enum(['AccountOpened']),
  aggregate: z.strictObject({ type: z.literal('account'), id: idSchema('acct') }),
  data: z.strictObject({ personId: idSchema('prsn') }),
})

/** A fact about one aggregate. It holds no personal data, so that a person can be erased and the history stays. */
export const eventSchema = z.discriminatedUnion('type', [siteEventSchema, accountEventSchema])

export type SiteEvent = z.infer<typeof siteEventSchema>
export type AccountEvent = z.infer<typeof accountEventSchema>
export type DomainEvent = z.infer<typeof eventSchema>
