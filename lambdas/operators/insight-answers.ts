import * as z from 'zod'
import { actorSchema } from '../../core/events/actor.ts'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { planSchema } from '../../core/plan/plan.ts'
import { closures } from '../../core/ports/site-lists.ts'
import { causes } from '../../core/site/causes.ts'
import { siteStatusSchema } from '../../core/site/site.ts'
import { billingStates } from '../../core/site/site-billing.ts'
import { trialPolicySchema } from '../../core/site/trial-policy.ts'
import { monthlyRevenueSchema } from '../billing/revenue.ts'
import { usageViewSchema } from '../http/past-answers.ts'
import { operatorRehearsalAnswers } from '../rehearsals/answers.ts'
import { abusePolicySchema } from '../signup/abuse/abuse-policy.ts'
import { attemptsWithEvidence } from '../sites/evidence/evidence.ts'
import { poolPolicySchema } from '../sites/pool/pool.ts'
import { sleepPolicySchema } from '../sleep/sleep-policy.ts'
import { ceilingsSchema } from '../trials/waiting-list/waiting-entry.ts'
import { brakeViewSchema, operatorAnswers, operatorSiteSchema } from './answers.ts'
import { auditPolicySchema } from './audit/audit-entry.ts'
import { previewedActs } from './insight-operations.ts'

const instant = z.iso.datetime({ precision: 3 })
const count = z.int().nonnegative()
const day = z.iso.date()
const milliseconds = z.int().nonnegative().describe('Milliseconds.')

const failure = z.strictObject({
  id: z.string(),
  at: instant,
  siteId: idSchema('site'),
  hostname: z.string().nullable(),
  status: siteStatusSchema.nullable().describe('The present status of the site.'),
  during: z.enum(attemptsWithEvidence),
  cause: z.enum(causes),
  detail: z.string().nullable().describe('The cause in words; null for `sales`.'),
  blueprint: z.strictObject({ name: z.string(), version: z.int() }),
  evidence: z.string().describe('The path of the evidence.'),
  retry: z
    .strictObject({ method: z.literal('POST'), path: z.string() })
    .nullable()
    .describe('The operation that retries it; null if it is retried by itself or solved.'),
})

export const overviewSchema = named('Overview', {
  sites: z.strictObject({
    byStatus: z.record(z.string(), count).describe('Sites that have or had an owner.'),
    byPlan: z.record(z.string(), count).describe('The same without those that were purged.'),
    awake: count,
    asleep: count,
  }),
  days: z
    .array(z.strictObject({ day, signups: count.nullable(), conversions: count.nullable() }))
    .describe('The last 30 days (UTC), oldest first; null before the first day that was counted.'),
  countedSince: day.nullable().describe('The first day with a count; it may be incomplete.'),
  revenue: z
    .strictObject({ at: instant, monthly: z.array(monthlyRevenueSchema) })
    .nullable()
    .describe('Monthly recurring revenue at the last billing reconciliation; null if no run has counted it yet.'),
  pools: z.array(
    z.strictObject({
      blueprint: z.string(),
      ready: count,
      target: count,
      building: count.describe('Builds in progress, counted up to 100 over all blueprints.'),
      claims: count.describe('In this hour and the one before.'),
      builds: z
        .strictObject({ builds: count, median: milliseconds, ninetieth: milliseconds })
        .nullable()
        .describe('Build times of recent builds: the median and the 90th percentile.'),
    }),
  ),
  due: z
    .strictObject({
      steps: z.strictObject({ remind: count, warn: count, suspend: count, archive: count, purge: count }),
      isComplete: z.boolean().describe('False if there are more than were counted.'),
    })
    .describe('Deadlines of sites within the next 24 hours, without those of environments and rehearsals.'),
  brake: brakeViewSchema.omit({ now: true, seenAt: true }),
  failures: z.array(failure).describe('The newest failures of all sites, at most 20.'),
})

export const timelineSchema = named('Timeline', {
  entries: z.array(
    z.strictObject({
      id: z.string(),
      at: instant,
      kind: z.enum(['event', 'operation', 'step', 'mail', 'failure']),
      type: z.string().describe('The type of the event, `Mail`, or `Failure`.'),
      title: z.string().describe('What happened, in words.'),
      who: actorSchema(),
      details: z.record(z.string(), z.unknown()),
    }),
  ),
  cursor: z.string().optional(),
})

const billing = {
  subscriptionId: z.string(),
  state: z.string(),
  plan: z.string().nullable(),
  interval: z.string().nullable(),
  currency: z.string().nullable(),
  cancelsAtPeriodEnd: z.boolean(),
  paidThrough: instant.nullable(),
  isDisputed: z.boolean(),
}

export const operatorBillingSchema = named('OperatorBilling', {
  plan: z.string(),
  customerId: z.string().nullable(),
  record: z
    .strictObject({
      ...billing,
      state: z.enum(billingStates),
      monthlyAmount: z
        .int()
        .nonnegative()
        .describe(
          'What it brings in a month at its own price, in minor units: a twelfth of a yearly price, 0 if Stripe does not collect on it.',
        ),
    })
    .nullable()
    .describe('The subscription as it was when Stripe was last asked.'),
  returned: z.array(z.record(z.string(), z.unknown())).describe('Refunded subscriptions.'),
  stripe: z
    .strictObject({
      failure: z.string().nullable().describe('Why Stripe could not be asked.'),
      subscriptions: z.array(z.strictObject(billing)).describe("The site's subscriptions at Stripe, newest first."),
      differences: z.array(
        z.strictObject({ field: z.string(), ours: z.string().nullable(), stripe: z.string().nullable() }),
      ),
    })
    .nullable()
    .describe('Null if Stripe was not asked.'),
})

const change = <Value extends z.ZodType>(value: Value) => z.strictObject({ before: value, after: value })
const step = z.strictObject({ step: z.string(), at: instant }).nullable()

export const consequencesSchema = named('Consequences', {
  action: z.enum(previewedActs),
  refusal: z.string().nullable().describe('Why the act would be refused; null if it would not.'),
  changes: z
    .strictObject({
      status: change(siteStatusSchema),
      plan: change(z.string()),
      trialEndsAt: change(instant.nullable()),
      nextStep: change(step),
      operation: z.string().nullable().describe('The operation that would begin.'),
    })
    .nullable()
    .describe('Null if it is refused or would change nothing.'),
  mails: z
    .array(z.strictObject({ to: z.string(), subject: z.string() }))
    .describe('The mails that it would send at once.'),
  effects: z.array(z.string()).describe('What follows, in words.'),
})

const plansSchema = z.strictObject({
  plans: z.array(planSchema.pick({ id: true, name: true, kind: true, prices: true })),
})

const cellSchema = z.strictObject({
  name: z.string(),
  sites: count,
  capacity: count,
  room: count,
  ready: count,
  placement: z.enum(['any', 'named']).describe('`named`: only a relocation that names the cell brings sites there.'),
  state: z
    .enum(['open', ...closures])
    .describe(
      '`draining`, `lost`: its sites leave it. `empty`: all have left. `closed`: some stay. None of these takes new sites; an abort of its roll-out opens it.',
    ),
  isMounted: z
    .boolean()
    .describe('False on one machine while the disk of the cell is not mounted: its sites show a page.'),
})

const cellsSchema = z.strictObject({
  cells: z.array(cellSchema),
  quotas: z
    .array(z.strictObject({ kind: z.string(), cell: z.string().nullable(), used: count, limit: count }))
    .describe("The platform's quotas; empty on one machine."),
})

export const settingsViewSchema = named('Settings', {
  brand: z.string(),
  contact: z.string(),
  consoleUrl: z.string(),
  sitesDomain: z.string(),
  paymentsAreLive: z.boolean(),
  offeredBlueprints: z.array(z.string()),
  reservedSlugs: z.array(z.string()),
  pool: poolPolicySchema,
  trials: ceilingsSchema,
  plans: z.array(planSchema),
  trialPolicies: z.array(trialPolicySchema),
  sleep: sleepPolicySchema,
  abuse: abusePolicySchema,
  audit: auditPolicySchema,
})

export const insightAnswers = {
  ...operatorAnswers,
  ...operatorRehearsalAnswers,
  operatorGetOverview: { 200: { description: 'The numbers of this moment.', schema: overviewSchema } },
  operatorGetTimeline: {
    200: { description: 'One page. A cursor means that more pages follow.', schema: timelineSchema },
  },
  operatorGetSiteBilling: {
    200: { description: 'The billing. If Stripe cannot be asked, the rest is shown.', schema: operatorBillingSchema },
  },
  operatorGetUsage: { 200: { description: 'Days with usage, oldest first, in UTC.', schema: usageViewSchema } },
  operatorGetConsequences: { 200: { description: 'What would happen.', schema: consequencesSchema } },
  operatorRetry: { 202: { description: 'The site, or the new one that is built.', schema: operatorSiteSchema } },
  operatorEnterSite: {
    201: {
      description: 'The URL, which works once, within a minute, and the end of the visit.',
      schema: z.strictObject({ url: z.url(), expiresAt: instant, until: instant }),
    },
  },
  operatorListPlans: { 200: { description: 'The plans, as in the configuration.', schema: plansSchema } },
  operatorListCells: { 200: { description: 'The cells.', schema: cellsSchema } },
  operatorGetSettings: { 200: { description: 'The settings.', schema: settingsViewSchema } },
} as const
