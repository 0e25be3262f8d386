import * as z from 'zod'
import { operatorRoles } from '../../core/events/actor.ts'
import { siteEventTypes } from '../../core/events/event.ts'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { causes } from '../../core/site/causes.ts'
import { contractSchema } from '../../core/site/relocation.ts'
import { reconciliationViewSchema } from '../billing/answers.ts'
import { blueprintStatusSchema, blueprintVersionsSchema } from '../blueprints/status-answer.ts'
import { copyScheduleView, lifeForm } from '../sites/answers.ts'
import {
  attemptsWithEvidence,
  containerEndSchema,
  healthAnswerSchema,
  listenerSchema,
} from '../sites/evidence/evidence.ts'
import { brakeActSchema, tripReasons } from '../trials/brake.ts'
import { trialControlsSchema } from '../trials/waiting-list/waiting-entry.ts'
import { auditEntrySchema } from './audit/audit-entry.ts'

const instant = z.iso.datetime({ precision: 3 })

const siteForm = {
  id: idSchema('site'),
  version: z.int().positive(),
  status: z.enum(['building', 'ready', 'active', 'asleep', 'failed', 'suspended', 'archived', 'purged']),
  accountId: idSchema('acct').nullable().describe('Null in the pool.'),
  hostname: z.string().nullable(),
  name: z.string().nullable(),
  url: z.url().nullable(),
  plan: z.string(),
  cell: z.string(),
  blueprint: z.strictObject({ name: z.string(), version: z.int() }),
  policyVersion: z.int(),
  createdAt: instant.describe('When its build was requested, for a site of the pool before it had an owner.'),
  ownedSince: instant.nullable().describe('When its owner signed up for it; null for a site of the pool.'),
  trialEndsAt: instant.nullable(),
  extensionsUsed: z.int().nonnegative(),
  heldSince: instant.nullable(),
  reprievedUntil: instant.nullable().describe('When a postponed step is tried again, after a payment or a failure.'),
  purgeRequest: z
    .strictObject({ operatorId: z.string(), at: instant, endsAt: instant })
    .nullable()
    .describe('A purge request that a second operator can confirm until it expires.'),
  contract: contractSchema.nullable().describe('The contract that covers it now.'),
  archives: z.int().nonnegative().describe('The number of verified copies.'),
  copySchedule: copyScheduleView,
  releaseCopy: z
    .strictObject({ id: idSchema('arc'), at: instant, version: z.int() })
    .nullable()
    .describe('The copy from before the last upgrade that copied the data, with the version that the site had then.'),
  dormantSince: instant
    .nullable()
    .describe('Since when its platform has kept nothing but its data. Its next wake takes about as long as a build.'),
  upgradeDue: z
    .strictObject({ to: z.int() })
    .nullable()
    .describe('The version that it gets when it wakes. Until then it has its former version and data.'),
  failedUpgrade: z
    .strictObject({
      to: z.int(),
      because: z.string(),
      cause: z.enum(causes).optional(),
      at: instant,
      atWake: z.literal(true).optional().describe('It slept, and failed as it woke.'),
    })
    .nullable()
    .describe(
      'The last upgrade, if the site went back from it: `because` names the error, `cause` what the evidence says.',
    ),
  ...lifeForm,
  attempts: z.int().positive().nullable().describe('Attempts at the operation so far.'),
  failure: z.strictObject({ step: z.string(), reason: z.string(), at: instant }).nullable(),
}

/** A site in a list: it shows the owner's account id only. */
export const operatorSiteSchema = z.strictObject(siteForm).meta({ id: 'OperatorSite' })

export const operatorSitesSchema = z.strictObject({ sites: z.array(operatorSiteSchema), cursor: z.string().optional() })

/** A site with its owner's address, which is gone once the account is erased. */
export const operatorSiteDetailSchema = named('OperatorSiteDetail', {
  ...siteForm,
  owner: z.strictObject({ email: z.string(), name: z.string().nullable() }).nullable(),
  accountState: z
    .enum(['open', 'closed', 'erased'])
    .nullable()
    .describe('`closed`: its owner has asked to delete it; `erased`: nothing names the owner any more.'),
})

const actor = z.union([
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('owner'), personId: idSchema('prsn') }),
  z.strictObject({ kind: z.literal('operator'), operatorId: z.string(), role: z.enum(operatorRoles) }),
])

const eventForm = named('SiteEvent', {
  id: idSchema('evt'),
  type: z.enum(siteEventTypes),
  version: z.int().positive(),
  at: instant,
  actor,
  causationId: z.string(),
  data: z.record(z.string(), z.unknown()),
})

export const siteEventsSchema = z.strictObject({ events: z.array(eventForm), cursor: z.string().optional() })

const failureForm = named('FailureReport', {
  id: z.string(),
  at: instant,
  during: z.enum(attemptsWithEvidence),
  error: z.string().describe('The name of the error that ended the attempt.'),
  cause: z.enum(causes),
  detail: z.string().describe('The cause in words.'),
  blueprint: z.strictObject({ name: z.string(), version: z.int() }),
  healthPath: z.string().nullable(),
  healthAnswer: healthAnswerSchema
    .nullable()
    .describe('The last answer on the health path; null if there was no address to ask.'),
  port: z.int().nullable().describe('The value of `PORT`; null if it is not known.'),
  listeners: z
    .array(listenerSchema)
    .nullable()
    .describe('Where the site listened; null where the platform cannot tell.'),
  containers: z.array(
    z.strictObject({
      name: z.string(),
      isRunning: z.boolean(),
      ends: z.int().nonnegative().describe('How often it ended by itself since its start.'),
      lastEnd: containerEndSchema.nullable(),
      lines: z
        .array(z.string())
        .describe('The last lines of its output, at most 200, without the secrets of the site.'),
    }),
  ),
})

export const siteFailuresSchema = z.strictObject({ failures: z.array(failureForm) })

const count = z.int().nonnegative()
const window = z.strictObject({ used: count, allowed: count })

export const brakeViewSchema = named('Brake', {
  tripped: z.strictObject({ at: instant, because: z.enum(tripReasons), detail: z.string() }).nullable(),
  now: instant.describe('The time of the domain clock.'),
  seenAt: instant.nullable().describe('When a sweep last read the domain clock.'),
  waiting: count.describe('Endings that are due and not started, counted up to 10,000.'),
  begun: count.describe('Endings started today.'),
  forecast: z.strictObject({ day: instant, today: count, tomorrow: count, limit: count }).nullable(),
  pace: z.strictObject({ hour: window, day: window }),
  history: z.array(brakeActSchema.omit({ schemaVersion: true, version: true })),
})

export const trialsViewSchema = named('Trials', {
  paused: z.boolean(),
  live: count,
  newInHour: count,
  ceilings: z.strictObject({ maxLive: count, maxNewPerHour: count }),
  room: count.describe('How many more trials can start now.'),
  waiting: count.describe('People on the waiting list who are not invited yet, counted up to 10,000.'),
  invited: count.describe('People who are invited and have no trial yet.'),
  history: z.array(trialControlsSchema.omit({ schemaVersion: true, version: true })),
})

const step = z.strictObject({ step: z.string(), at: instant }).nullable()

const policyMoveSchema = named('PolicyMove', {
  sites: z.array(
    z.strictObject({
      id: idSchema('site'),
      hostname: z.string(),
      status: z.string(),
      trialEndsAt: z.strictObject({ before: instant, after: instant }),
      nextStep: z.strictObject({ before: step, after: step }),
      isDueAtOnce: z.boolean(),
    }),
  ),
  cursor: z.string().optional(),
})

export const auditEntryViewSchema = auditEntrySchema
  .omit({ schemaVersion: true, expiresAt: true })
  .meta({ id: 'AuditEntry' })

const brake = (description: string) => ({ description, schema: brakeViewSchema })
const site = (description: string) => ({ description, schema: operatorSiteSchema })
const trials = (description: string) => ({ description, schema: trialsViewSchema })
const reconciliation = (description: string) => ({ description, schema: reconciliationViewSchema })

export const operatorAnswers = {
  operatorGetBrake: { 200: brake('The brake and its history, newest first.') },
  operatorReleaseBrake: { 200: brake('The brake is off.') },
  operatorPullBrake: { 200: brake('The brake is on.') },
  operatorGetTrials: { 200: trials('The trials and their history, newest first.') },
  operatorSetTrials: { 200: trials('The new setting.') },
  operatorGetBilling: { 200: reconciliation('The latest report, and whether a request waits.') },
  operatorReconcileBilling: {
    202: reconciliation('The reconciliation is requested. The run replaces the report when it ends.'),
  },
  operatorMovePolicy: {
    200: {
      description:
        'The sites of this page that were moved or would be; possibly none. A cursor means that more pages follow.',
      schema: policyMoveSchema,
    },
  },
  operatorListBlueprints: {
    200: {
      description: 'The offered blueprints, the default first.',
      schema: z.strictObject({ blueprints: z.array(blueprintStatusSchema) }),
    },
  },
  operatorListVersions: {
    200: {
      description: 'The offered blueprints first; the last ten published versions of each, the newest first.',
      schema: blueprintVersionsSchema,
    },
  },
  operatorGetBlueprint: {
    200: {
      description: 'The version as it was published.',
      schema: z.looseObject({ name: z.string(), version: z.int().positive() }),
    },
  },
  operatorPublishBlueprint: {
    202: {
      description:
        '`draft`: a site is built from it, and it becomes current once that is healthy. `current`: it was published before.',
      schema: z.strictObject({ name: z.string(), version: z.int(), state: z.enum(['draft', 'current']) }),
    },
  },
  operatorListAudit: {
    200: {
      description: 'One page. A cursor means that more pages follow. A page may have fewer entries than requested.',
      schema: z.strictObject({
        entries: z.array(auditEntryViewSchema),
        names: z
          .record(z.string(), z.string())
          .describe(
            'By id: the names of sites, the addresses of people and of the owners of accounts, and those of operators who have a session.',
          ),
        cursor: z.string().optional(),
      }),
    },
  },
  operatorExportAudit: {
    200: {
      description: 'One entry (`AuditEntry`) in each line. A page may have fewer than requested.',
      schema: z.string(),
      contentType: 'application/jsonl',
      headers: { Link: 'The next page (`rel="next"`), if there is one.' },
    },
  },
  operatorListSites: {
    200: {
      description: 'One page. A cursor means that more pages follow. A page may have fewer sites than requested.',
      schema: operatorSitesSchema,
    },
  },
  operatorGetSite: { 200: { description: "The site and its owner's address.", schema: operatorSiteDetailSchema } },
  operatorListEvents: {
    200: { description: 'One page. A cursor means that more pages follow.', schema: siteEventsSchema },
  },
  operatorListFailures: {
    200: { description: 'The failed starts of the last 30 days, at most ten.', schema: siteFailuresSchema },
  },
  operatorExtend: { 200: site('The site with the new end of its trial.') },
  operatorSuspend: { 200: site('The site is suspended.') },
  operatorResume: {
    200: site('The site is active and answers once it has started.'),
    202: site('The restore has started. The site is active once it answers.'),
  },
  operatorRestore: { 202: site('The restore has started. The site is active once it answers.') },
  operatorHandOver: { 202: site('The hand-over is in progress.') },
  operatorHold: { 200: site('The site is on hold.') },
  operatorUnhold: { 200: site('The hold has ended.') },
  operatorPurge: {
    202: site('A second operator must confirm (`purgeRequest`), or, after a confirmation, the purge has started.'),
  },
  operatorChangePlan: { 200: site('The site with its new plan.') },
} as const
