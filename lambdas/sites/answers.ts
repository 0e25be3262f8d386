import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { copyScheduleSchema } from '../../core/plan/plan.ts'
import { buildSteps, suspensionReasons } from '../../core/site/site.ts'
import { waysAfterFailure } from '../../core/site/site-facts.ts'
import { billingAnswers } from '../billing/owner-answers.ts'
import { domainAnswers } from '../domains/answers.ts'
import { pastAnswers } from '../http/past-answers.ts'
import { ownerRehearsalAnswers } from '../rehearsals/answers.ts'
import { relocationForm } from '../relocations/relocation-view.ts'
import { summaryAnswers } from './summary/operations.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A pause is known at Stripe only: the record says that the subscription ended. */
const reasonSchema = z.enum([...suspensionReasons, 'subscription-paused'])

/** A site's lifecycle, as owners and operators see it. */
export const lifeForm = {
  nextStep: z
    .strictObject({ step: z.enum(['remind', 'suspend', 'archive', 'warn', 'purge']), at: instant })
    .nullable()
    .describe('The next change by deadline.'),
  suspended: z.strictObject({ at: instant, because: reasonSchema }).nullable(),
  archived: z
    .strictObject({ at: instant, purgeAt: instant.nullable(), because: reasonSchema.nullable() })
    .nullable()
    .describe('`because` is why it was suspended before; null if it was not.'),
  deletion: z
    .strictObject({
      requestedAt: instant,
      purgeAt: instant.nullable(),
      revocable: z.boolean().describe('Whether the owner may cancel the deletion.'),
    })
    .nullable()
    .describe('The scheduled deletion; null if none is requested.'),
  deletionDays: z
    .int()
    .positive()
    .nullable()
    .describe('For how many days an owner may cancel a deletion; null if the site cannot be deleted.'),
  extension: z
    .strictObject({ left: z.int().nonnegative(), used: z.int().nonnegative(), days: z.int().positive() })
    .nullable()
    .describe(
      'How often the owner may still extend the trial, how often they did, and by how many days each time; null if it is not a trial, or a contract covers it.',
    ),
  operation: z
    .enum([
      'suspend',
      'archive',
      'restore',
      'restore-copy',
      'purge',
      'copy',
      'resize',
      'upgrade',
      'sleep',
      'dormancy',
      'wake',
      'handover',
    ])
    .nullable()
    .describe('The operation in progress.'),
  storage: z.enum(['near', 'full']).nullable(),
  downSince: instant.nullable().describe('Since when the site has not answered; null if it answers, or does not run.'),
  handOver: z
    .strictObject({
      status: z.enum(['pending', 'done', 'failed']),
      at: instant.nullable(),
      reason: z.string().nullable(),
      answer: z
        .strictObject({ status: z.int(), excerpt: z.string() })
        .nullable()
        .describe('What the site answered last, if it failed.'),
    })
    .nullable()
    .describe("Whether the site's product knows its owner; null if its blueprint has no step for that."),
  relocation: relocationForm.nullable().describe('A planned change of what it runs, and where.'),
  credentials: z
    .strictObject({ shownAt: instant.nullable() })
    .nullable()
    .describe('When the generated credentials were shown to the owner; null if there are none.'),
}

export const siteViewSchema = named('Site', {
  id: idSchema('site'),
  slug: z.string(),
  hostname: z.string(),
  name: z.string(),
  url: z.url(),
  mainUrl: z.url().describe('Its URL for visitors: at the main custom domain, if it has one.'),
  status: z.enum(['building', 'active', 'asleep', 'failed', 'suspended', 'archived', 'purged']),
  plan: z.string(),
  planName: z.string(),
  features: z.array(z.string()),
  trialEndsAt: instant.nullable().describe('Null until the site is open, when it is no trial, and under a contract.'),
  createdAt: instant.describe('When its owner signed up for it.'),
  blueprint: z.strictObject({ name: z.string(), version: z.int() }),
  trialOf: z
    .string()
    .nullable()
    .describe('The offer whose own trial it uses, `default` for the installation’s; null for any other site.'),
  sleepAfterMinutes: z.int().nullable().describe('Null if it never sleeps.'),
  ownersOnly: z.boolean().describe('Whether only owners of the account change what it runs and holds.'),
  progress: z.strictObject({
    percent: z.int().min(0).max(100),
    steps: z.array(
      z.strictObject({
        name: z.enum(buildSteps),
        status: z.enum(['pending', 'running', 'done', 'failed']),
        at: instant.nullable(),
      }),
    ),
    estimate: z
      .strictObject({ usual: z.int().nonnegative(), ninetieth: z.int().nonnegative() })
      .nullable()
      .describe(
        'How long recent builds took, in seconds: half of them, and nine of ten, took no longer. Only for one site that is being built; null after too few builds.',
      ),
  }),
  environment: z
    .strictObject({
      siteId: idSchema('site').describe('Its production.'),
      name: z.string(),
      branch: z.string().nullable().describe('The branch that the name is derived from.'),
      endsAt: instant
        .nullable()
        .describe(
          'When it is deleted unless it is deployed or extended; null for never, and while it is suspended with its site.',
        ),
      hasProductionData: z
        .boolean()
        .describe('Whether its data was copied from production as it is: only owners may copy it.'),
    })
    .optional()
    .describe('Of an environment of another site.'),
  ...lifeForm,
  failure: z
    .strictObject({
      reason: z.string(),
      reasonInGerman: z.string().nullable().describe('Null for a reason that is not one of ours.'),
      again: z
        .enum(waysAfterFailure)
        .describe(
          'What is there for another try: the trial, the place of the site in an allowance or among the environments, or only we, as after an import.',
        ),
      at: instant,
    })
    .optional(),
})

const archiveView = named('Archive', {
  id: idSchema('arc'),
  name: z
    .string()
    .describe('The slug of the site, and the day and time of the copy in UTC, such as acme-pumps-2026-11-25-094500.'),
  at: instant,
  kind: z
    .enum(['reclaim', 'owner', 'release', 'restore', 'schedule'])
    .describe(
      'Whether archiving or a move of the site made the copy, its owner requested it, an update or the restore of another copy made it first, or the schedule of the plan.',
    ),
  bytes: z.int().nonnegative().describe('The compressed size.'),
  files: z.int().nonnegative(),
  blueprint: z.strictObject({ name: z.string(), version: z.int() }),
  pausedMilliseconds: z
    .int()
    .nonnegative()
    .nullable()
    .describe('How long the site paused for the copy; null if it was not running.'),
})

export const copyScheduleView = copyScheduleSchema
  .extend({
    nextAt: instant
      .nullable()
      .describe(
        'When the next copy is due, if the site is used until then; null while the last one has everything, or the site is not in use.',
      ),
  })
  .nullable()
  .meta({ id: 'CopySchedule', description: 'The copies that the plan takes by itself; null if it takes none.' })

export const archivesPageSchema = z.strictObject({
  archives: z.array(archiveView),
  schedule: copyScheduleView,
  cursor: z.string().optional(),
})

const expiringLinkSchema = z.strictObject({ url: z.url(), expiresAt: instant })

const site = (description: string, headers?: { readonly Location: string }) => ({
  description,
  schema: siteViewSchema,
  ...(headers === undefined ? {} : { headers }),
})
const toSite = { Location: 'The path of the site in this API.' }
const toArchives = { Location: 'The path of the list in this API.' }

const siteAnswers = {
  createSite: {
    200: site('The site of an earlier request with this Idempotency-Key. It has failed or ended since.', toSite),
    201: site('The site, already running.', toSite),
    202: site('The site, being built.', toSite),
  },
  listSites: {
    200: {
      description: 'One page. A cursor means that more pages follow.',
      schema: z.strictObject({ sites: z.array(siteViewSchema), cursor: z.string().optional() }),
    },
  },
  getSite: { 200: site('The site.') },
  changeSite: { 200: site('The site as changed.') },
  chooseProtection: { 200: site('The site as changed.') },
  deleteSite: { 200: site('The site is suspended or archived, and `deletion` says when it is purged.') },
  revokeDeletion: { 200: site('The deletion is cancelled.') },
  extendTrial: { 200: site('The site with the new end of its trial.') },
  resumeSite: {
    200: site('The site is active and answers once it has started.'),
    202: site('The restore has started. The site is active once it answers.'),
  },
  openEntrance: {
    201: {
      description: 'The URL. Anybody with it gets in as the person who asked for it, so send nobody else there.',
      schema: expiringLinkSchema,
    },
  },
  handOverSite: { 202: site('The hand-over is in progress.') },
  copySite: {
    200: site('The copy of an earlier request with this Idempotency-Key has ended.', toArchives),
    202: site('A copy is being taken. It is in the list once it is verified.', toArchives),
  },
  restoreArchive: {
    200: site('The restore of an earlier request with this Idempotency-Key has ended.', toArchives),
    202: site(
      'The restore has begun. The site has the data once `operation` is null and the list has a newer copy.',
      toArchives,
    ),
  },
  listArchives: {
    200: { description: 'One page. A cursor means that more pages follow.', schema: archivesPageSchema },
  },
  linkToArchive: {
    200: {
      description: 'Anybody with the links can download the copy and its manifest until they expire.',
      schema: expiringLinkSchema.extend({ manifestUrl: z.url() }),
    },
  },
}

export const ownerAnswers = {
  ...summaryAnswers,
  acceptRelocation: { 200: { description: 'The site with the accepted relocation.', schema: siteViewSchema } },
  requestContact: { 204: { description: 'Our sales team was told.' } },
  ...siteAnswers,
  ...pastAnswers,
  ...billingAnswers,
  ...domainAnswers,
  ...ownerRehearsalAnswers,
}
