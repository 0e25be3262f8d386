import * as z from 'zod'
import { siteBillingSchema } from '../billing/site-billing.ts'
import { idSchema } from '../ids.ts'
import { sizeSchema } from '../plan/plan.ts'
import { archiveSchema } from './archive.ts'
import { endpointSchema } from './location.ts'
import { reclaimOperationSchema } from './operation.ts'

const instant = z.iso.datetime({ precision: 3 })

const blueprintReferenceSchema = z.strictObject({ name: z.string(), version: z.int().positive() })
export type BlueprintReference = z.infer<typeof blueprintReferenceSchema>

export type { Endpoint } from './location.ts'

/** Whose site it is and under which name. A site of the pool has none of it. */
const ownershipSchema = z.strictObject({
  accountId: idSchema('acct'),
  slug: z.string(),
  hostname: z.string(),
  name: z.string(),
  since: instant,
})
export type Ownership = z.infer<typeof ownershipSchema>

export const buildSteps = ['storage', 'start', 'ready', 'open'] as const
export type BuildStep = (typeof buildSteps)[number]

/** Work in progress. Every attempt raises the fence; a task that carries an older one is turned away. */
const operationSchema = z.strictObject({
  /** `<machine>-<siteId>-<version>`, the version being the one that began it. With the fence it names the execution. */
  id: z.string(),
  kind: z.literal('provision'),
  fence: z.int().positive(),
  /** By the wall clock, as is `launchedAt`: a turned domain clock must not time out a build. */
  startedAt: instant,
  /** When the runtime was told to start the site; from here its start is timed. */
  launchedAt: instant.optional(),
})
export type Operation = z.infer<typeof operationSchema>

const failureSchema = z.strictObject({
  step: z.enum(buildSteps),
  /** A sentence for the owner, without anything about our insides. */
  reason: z.string(),
  at: instant,
})

const completedStepSchema = z.strictObject({ name: z.enum(buildSteps), at: instant })

const everySite = {
  schemaVersion: z.literal(1),
  id: idSchema('site'),
  /** Counts every change. A change is written on condition of the version it was made from. */
  version: z.int().positive(),
  cell: z.string(),
  plan: z.string(),
  blueprint: blueprintReferenceSchema,
  /** The trial policy this site lives under, so that a later policy does not move its deadlines. */
  policyVersion: z.int().positive(),
  createdAt: instant,
  completedSteps: z.array(completedStepSchema).readonly(),
  /**
   * Which of its data directories is the present one, or was the last one. Every restore begins another, and none is used
   * twice: whoever wakes up late to remove an old one cannot hit a newer one.
   */
  generation: z.int().positive().default(1),
  /** What it was last started with; absent while nothing of it runs, and where nobody noted it: then it is taken for that of the trial. */
  size: sizeSchema.optional(),
}

const returnedSchema = z.strictObject({
  subscriptionId: z.string(),
  /** What was given back, in all, in minor units. */
  amount: z.int().nonnegative(),
  /** All was done that can be for what was paid until then; absent where it could be given back. */
  settledThrough: instant.optional(),
  /** More is being given back: what became of it is not noted yet. */
  isPending: z.literal(true).optional(),
  /** What of that was charged and could not be given back, in minor units: a person's matter. */
  left: z.int().positive().optional(),
})

/** What was noted of each subscription that nobody has anything of: the last ones. */
const returned = { returned: z.array(returnedSchema).readonly().optional() }

const ownedAndOpen = {
  ...returned,
  ownership: ownershipSchema,
  trialEndsAt: instant,
  /** Days before the end of the trial for which a reminder has gone out. */
  reminded: z.array(z.int()).readonly(),
  /** How often the owner has extended the trial. */
  extensionsUsed: z.int().nonnegative().default(0),
  /** Verified copies of its data, newest first. */
  archives: z.array(archiveSchema).readonly().default([]),
  operation: reclaimOperationSchema.optional(),
  /** Its subscription; absent for a trial, and for a plan by arrangement. */
  billing: siteBillingSchema.optional(),
  /** Since when an operator keeps it from being archived or purged. */
  heldSince: instant.optional(),
  /** A gate was closed: what is due waits until then, and is asked for again. */
  reprievedUntil: instant.optional(),
}

/** The owner's own, or two operators', against which only revoking it helps. */
const deletionSchema = z.strictObject({ requestedAt: instant, by: z.enum(['owner', 'operators']) })
export type Deletion = z.infer<typeof deletionSchema>

/** One operator asks for it, another one has to agree. */
const purgeRequestSchema = z.strictObject({ operatorId: z.string(), at: instant })

const asleep = { deletion: deletionSchema.optional(), purgeRequest: purgeRequestSchema.optional() }

export const suspensionReasons = [
  'trial-ended',
  'payment-overdue',
  'subscription-ended',
  'storage-full',
  'operator',
  'owner-deletion',
] as const
export type SuspensionReason = (typeof suspensionReasons)[number]

export const buildingSiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('building'),
  ownership: ownershipSchema.optional(),
  operation: operationSchema,
  endpoint: endpointSchema.optional(),
})
export const readySiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('ready'),
  endpoint: endpointSchema.optional(),
  readyAt: instant,
})
export const activeSiteSchema = z.strictObject({
  ...everySite,
  ...ownedAndOpen,
  status: z.literal('active'),
  /** Absent from when its task starts to stop until the next one answers: an address never outlives its task. */
  endpoint: endpointSchema.optional(),
  /** How full its storage was when last measured; absent while there is enough room. */
  storage: z.enum(['near', 'full']).optional(),
  /** Since when it has been that full; absent where it was noted before that was kept: long ago. */
  storageSince: instant.optional(),
  /** A change of its size has failed: no sweep begins another one before this, by the wall clock. */
  resizeNotBefore: instant.optional(),
})
export const failedSiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('failed'),
  ownership: ownershipSchema.optional(),
  failure: failureSchema,
})
export const suspendedSiteSchema = z.strictObject({
  ...everySite,
  ...ownedAndOpen,
  ...asleep,
  status: z.literal('suspended'),
  suspendedAt: instant,
  suspendedBecause: z.enum(suspensionReasons).default('trial-ended'),
})
export const archivedSiteSchema = z.strictObject({
  ...everySite,
  ...ownedAndOpen,
  ...asleep,
  status: z.literal('archived'),
  archivedAt: instant,
  /** Why it had been suspended: what an operator took away its owner cannot take back by waiting. */
  suspendedBecause: z.enum(suspensionReasons).optional(),
  /** Nobody was warned in time: it is not purged before this. */
  purgeNotBefore: instant.optional(),
  /** Days before the purge for which a warning has gone out. */
  warned: z.array(z.int()).readonly().default([]),
})
export const purgedSiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('purged'),
  ownership: ownershipSchema.optional(),
  purgedAt: instant,
  /** As it was then: what is paid after it is given back. */
  billing: siteBillingSchema.optional(),
  ...returned,
  /** Until nothing of it is left. */
  operation: reclaimOperationSchema.optional(),
})

/** A site is what its status says: a field that a status does not list does not exist in it. */
export const siteSchema = z.discriminatedUnion('status', [
  buildingSiteSchema,
  readySiteSchema,
  activeSiteSchema,
  failedSiteSchema,
  suspendedSiteSchema,
  archivedSiteSchema,
  purgedSiteSchema,
])

export type Site = z.infer<typeof siteSchema>
export type SiteStatus = Site['status']
export type SiteIn<Status extends SiteStatus> = Extract<Site, { status: Status }>
export type BuildingSite = SiteIn<'building'>
export type ReadySite = SiteIn<'ready'>
export type ActiveSite = SiteIn<'active'>
export type FailedSite = SiteIn<'failed'>
export type SuspendedSite = SiteIn<'suspended'>
export type ArchivedSite = SiteIn<'archived'>
export type PurgedSite = SiteIn<'purged'>
/** A site that has an owner and data: what time, its owner and operators act on. */
export type KeptSite = ActiveSite | SuspendedSite | ArchivedSite

/** The owner's part of a site, where it has one. */
export const ownershipOf = (site: Site): Ownership | undefined => ('ownership' in site ? site.ownership : undefined)

export const isKept = (site: Site | undefined): site is KeptSite =>
  site?.status === 'active' || site?.status === 'suspended' || site?.status === 'archived'

/** What a site may be. */
export const siteStatusSchema = z.enum(siteSchema.options.map(({ shape }) => shape.status.value))
