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
] as const

const actorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('owner'), personId: idSchema('prsn') }),
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
