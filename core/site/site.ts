import * as z from 'zod'
import { idSchema } from '../ids.ts'
import { sizeSchema, sleepMinutesSchema } from '../plan/plan.ts'
import { archiveSchema } from './archive.ts'
import { causes } from './causes.ts'
import { copyingSchema } from './copy-schedule.ts'
import { environmentSchema } from './environment.ts'
import { accessSchema, credentialsSchema, handOverSchema } from './hand-over.ts'
import { endpointSchema } from './location.ts'
import { reclaimOperationSchema } from './operation.ts'
import { type Ownership, ownershipSchema } from './ownership.ts'
import { rehearsalSchema, stepDurationsSchema } from './rehearsal.ts'
import { contractSchema, relocationSchema } from './relocation.ts'
import { returnedSchema, siteBillingSchema } from './site-billing.ts'

const instant = z.iso.datetime({ precision: 3 })

const blueprintReferenceSchema = z.strictObject({ name: z.string(), version: z.int().positive() })
export type BlueprintReference = z.infer<typeof blueprintReferenceSchema>

export type { Endpoint } from './location.ts'

export const buildSteps = ['storage', 'start', 'ready', 'open'] as const
export type BuildStep = (typeof buildSteps)[number]

const operationSchema = z.strictObject({
  /** `<machine>-<siteId>-<version>`, with the version that began it. With the fence it names the execution. */
  id: z.string(),
  kind: z.literal('provision'),
  fence: z.int().positive(),
  /** By the wall clock, as `launchedAt`, because the domain clock can be advanced. */
  startedAt: instant,
  /** The start is timed from here. */
  launchedAt: instant.optional(),
  /** Set if it is built from an archive of another site: without its id while that site is copied for it. */
  from: z.strictObject({ siteId: idSchema('site'), archiveId: idSchema('arc').optional() }).optional(),
  /** As of the operation `upgrade`: the version's own command, and how many commands of its checks have passed. */
  command: z.enum(['due', 'done']).optional(),
  checking: z.int().nonnegative().optional(),
  /** When the step before ended: the next one is timed from here. */
  stepAt: instant.optional(),
  durations: stepDurationsSchema.optional(),
  /** Why its data cannot be made, for its owner: the attempt fails. */
  problem: z.string().optional(),
  /** The command that fills the data of an environment has run. */
  seeded: z.literal(true).optional(),
})
export type Operation = z.infer<typeof operationSchema>

const failureSchema = z.strictObject({
  step: z.enum(buildSteps),
  /** For the owner, without internals. */
  reason: z.string(),
  at: instant,
  /** As the evidence says. */
  cause: z.enum(causes).optional(),
})

const completedStepSchema = z.strictObject({ name: z.enum(buildSteps), at: instant })

const everySite = {
  schemaVersion: z.literal(1),
  id: idSchema('site'),
  /** Raised by every change, which is written on condition of the version before. */
  version: z.int().positive(),
  cell: z.string(),
  plan: z.string(),
  blueprint: blueprintReferenceSchema,
  /** A later policy does not move the site's deadlines. */
  policyVersion: z.int().positive(),
  createdAt: instant,
  completedSteps: z.array(completedStepSchema).readonly(),
  /** The present or last data directory. A restore uses a new one, so that a late removal cannot hit it. */
  generation: z.int().positive().default(1),
  /** The last directory that an upgrade prepared, if it was not used. */
  generationsUsed: z.int().positive().optional(),
  /** The version of its own variables and secrets that it runs with; absent for none. */
  configuration: z.int().positive().optional(),
  /** The size it was started with; absent while it does not run or if it was not recorded. */
  size: sizeSchema.optional(),
  /** Whom routers let in, as the blueprint says. */
  access: accessSchema.optional(),
  handOver: handOverSchema.optional(),
  /** Absent if its blueprint shows none. */
  credentials: credentialsSchema.optional(),
  rehearsalOf: rehearsalSchema.optional(),
  environmentOf: environmentSchema.optional(),
}

/** The latest unwanted subscriptions. */
const returned = { returned: z.array(returnedSchema).readonly().optional() }

const ownedAndOpen = {
  ...returned,
  ownership: ownershipSchema,
  trialEndsAt: instant,
  /** The reminders that were sent, in days before the end. */
  reminded: z.array(z.int()).readonly(),
  extensionsUsed: z.int().nonnegative().default(0),
  /** Newest first. */
  archives: z.array(archiveSchema).readonly().default([]),
  operation: reclaimOperationSchema.optional(),
  /** Absent for a trial and for a plan by arrangement. */
  billing: siteBillingSchema.optional(),
  /** Somebody chose its cell, so a restore brings it there again. */
  isCellNamed: z.literal(true).optional(),
  copying: copyingSchema.optional(),
  relocation: relocationSchema.optional(),
  /** Since a relocation was confirmed that has one. A subscription is no longer renewed. */
  contract: contractSchema.optional(),
  heldSince: instant.optional(),
  /** A gate was closed: the step is tried again then. */
  reprievedUntil: instant.optional(),
  /** What the owner chose for a paid plan; null for never. Absent: as the plan says. */
  sleepAfterMinutes: sleepMinutesSchema.nullable().optional(),
  /** Nobody below an owner of its account changes what it runs and holds. */
  ownersOnly: z.literal(true).optional(),
  /** The custom domain that is its URL; absent if its own hostname is. */
  urlHostname: z.string().optional(),
  /** How its product has to learn of its URL, if it does not know it yet. */
  urlDue: z.enum(['restart', 'hook']).optional(),
  /** The blueprint's version before the last upgrade. */
  upgradedFrom: z.int().positive().optional(),
  /** The last upgrade, if it failed, or if an operator restored the archive made before it: a roll-out does not repeat it by itself. */
  failedUpgrade: z
    .strictObject({
      to: z.int().positive(),
      because: z.string(),
      at: instant,
      restored: idSchema('arc').optional(),
      /** As the evidence says. */
      cause: z.enum(causes).optional(),
      /** It failed as the site woke from its sleep. */
      atWake: z.literal(true).optional(),
    })
    .optional(),
  /** It could not leave a cell that is drained or lost: the roll-out does not repeat it by itself. */
  failedMove: z.strictObject({ from: z.string(), because: z.string(), at: instant }).optional(),
}

const deletionSchema = z.strictObject({
  requestedAt: instant,
  by: z.enum(['owner', 'operators']),
  /** Its account was deleted: it is kept if the account is. */
  withAccount: z.literal(true).optional(),
  /** Of one by operators: when the owner had requested it, which holds again if a gate refuses theirs. */
  ownerRequestedAt: instant.optional(),
})
export type Deletion = z.infer<typeof deletionSchema>

/** Another operator has to agree. */
const purgeRequestSchema = z.strictObject({ operatorId: z.string(), at: instant })

const deletable = { deletion: deletionSchema.optional(), purgeRequest: purgeRequestSchema.optional() }

export const suspensionReasons = [
  'trial-ended',
  'payment-overdue',
  'subscription-ended',
  'storage-full',
  'operator',
  'owner-deletion',
  'moved',
] as const
export type SuspensionReason = (typeof suspensionReasons)[number]

/** It is only prepared for the pool, because its blueprint interpolates its URL or its plan. */
const startsAtClaim = { startsAtClaim: z.literal(true).optional() }

/** Where its visitors are sent since it runs in another installation: an origin. */
const moved = { movedTo: z.url().optional() }

/** It is built from a bundle: what its record keeps of the site in the other installation, once it is built. */
const ofBundle = {
  imported: z
    .strictObject({ archive: archiveSchema, trialEndsAt: instant, contract: contractSchema.optional() })
    .optional(),
}

/** It is built from this revision of its blueprint's draft. */
const ofDraft = { draft: z.int().positive().optional() }

export const buildingSiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('building'),
  ownership: ownershipSchema.optional(),
  operation: operationSchema,
  endpoint: endpointSchema.optional(),
  ...startsAtClaim,
  ...ofDraft,
  ...ofBundle,
})
export const readySiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('ready'),
  endpoint: endpointSchema.optional(),
  readyAt: instant,
  ...startsAtClaim,
})
const live = {
  /** Absent while there is enough room. */
  storage: z.enum(['near', 'full']).optional(),
  /** When it became that full. */
  storageSince: instant.optional(),
}

export const activeSiteSchema = z.strictObject({
  ...everySite,
  ...ownedAndOpen,
  ...live,
  status: z.literal('active'),
  /** Absent while no task answers. */
  endpoint: endpointSchema.optional(),
  /** Its plan's size or its URL could not be applied: sweeps wait until then, by the wall clock. */
  planNotBefore: instant.optional(),
  /** Since when it has had no address that answers, by the wall clock, and whether its owner got a mail about it. */
  down: z.strictObject({ since: instant, isTold: z.literal(true).optional() }).optional(),
})
/** Nobody used it, so it was stopped. The next visitor wakes it. */
export const asleepSiteSchema = z.strictObject({
  ...everySite,
  ...ownedAndOpen,
  ...live,
  status: z.literal('asleep'),
  asleepSince: instant,
  /** Its wake failed, or a version was assigned to it: earlier times of its blueprint wake it no more. By the wall clock. */
  timesAfter: instant.optional(),
  /** Since when its platform has kept nothing but its data: its wake makes the rest again. */
  dormantSince: instant.optional(),
  /** A roll-out's version that it has not run yet: its next wake is an upgrade to it. Until then it has its former version and data. */
  upgradeDue: z
    .strictObject({
      to: z.int().positive(),
      /** As of the operation `upgrade`: whether it starts on a copy of the data, and whether its command runs before that. */
      migrates: z.boolean(),
      runs: z.boolean(),
    })
    .optional(),
})
export const failedSiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('failed'),
  ownership: ownershipSchema.optional(),
  failure: failureSchema,
  ...ofDraft,
  ...ofBundle,
})
export const suspendedSiteSchema = z.strictObject({
  ...everySite,
  ...ownedAndOpen,
  ...deletable,
  ...moved,
  status: z.literal('suspended'),
  suspendedAt: instant,
  suspendedBecause: z.enum(suspensionReasons).default('trial-ended'),
})
export const archivedSiteSchema = z.strictObject({
  ...everySite,
  ...ownedAndOpen,
  ...deletable,
  ...moved,
  status: z.literal('archived'),
  archivedAt: instant,
  /** Kept, so that an owner cannot escape an operator's suspension by waiting. */
  suspendedBecause: z.enum(suspensionReasons).optional(),
  /** Its restore failed: no payment begins another before then, and a sweep begins one then. By the domain clock. */
  restoreNotBefore: instant.optional(),
  /** Nobody was warned in time, so it is purged later. */
  purgeNotBefore: instant.optional(),
  /** The warnings that were sent, in days before the purge. */
  warned: z.array(z.int()).readonly().default([]),
})
export const purgedSiteSchema = z.strictObject({
  ...everySite,
  status: z.literal('purged'),
  ownership: ownershipSchema.optional(),
  purgedAt: instant,
  /** At the purge; later payments are refunded. */
  billing: siteBillingSchema.optional(),
  ...returned,
  /** Until nothing is left. */
  operation: reclaimOperationSchema.optional(),
})

/** The status decides which fields exist. */
export const siteSchema = z.discriminatedUnion('status', [
  buildingSiteSchema,
  readySiteSchema,
  activeSiteSchema,
  asleepSiteSchema,
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
export type AsleepSite = SiteIn<'asleep'>
export type FailedSite = SiteIn<'failed'>
export type SuspendedSite = SiteIn<'suspended'>
export type ArchivedSite = SiteIn<'archived'>
export type PurgedSite = SiteIn<'purged'>
/** In use: it runs, or it wakes at the next request. */
export type LiveSite = ActiveSite | AsleepSite
/** Has an owner and data. */
export type KeptSite = LiveSite | SuspendedSite | ArchivedSite

export const ownershipOf = (site: Site): Ownership | undefined => ('ownership' in site ? site.ownership : undefined)

export const isOfDraft = <Known extends Site>(site: Known): site is Known & { readonly draft: number } =>
  'draft' in site && site.draft !== undefined

export const isLive = (site: Site | undefined): site is LiveSite =>
  site?.status === 'active' || site?.status === 'asleep'

export const isKept = (site: Site | undefined): site is KeptSite =>
  isLive(site) || site?.status === 'suspended' || site?.status === 'archived'

export const siteStatusSchema = z.enum(siteSchema.options.map(({ shape }) => shape.status.value))
