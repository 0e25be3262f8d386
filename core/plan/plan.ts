import * as z from 'zod'
import { stepOf } from './money.ts'

/** Shared by a site's containers. CPU in cores, memory in MiB. */
export const sizeSchema = z.strictObject({
  cpu: z.number().positive().max(64),
  memoryMiB: z.int().min(64).max(262_144),
  processes: z.int().min(16).max(32_768),
})
export type Size = z.infer<typeof sizeSchema>

export const billingIntervals = ['month', 'year'] as const
export type BillingInterval = (typeof billingIntervals)[number]

/** Integer minor units, as Stripe counts them (`money.ts`), with an ISO 4217 code. */
export const priceSchema = z
  .strictObject({
    amount: z.int().positive(),
    currency: z.string().regex(/^[A-Z]{3}$/),
    interval: z.enum(billingIntervals),
  })
  .refine(({ amount, currency }) => amount % stepOf(currency) === 0, {
    path: ['amount'],
    error: 'must end with 0 in a currency of three decimals, and with 00 in ISK and UGX: Stripe takes no other amount',
  })

/** Enforced by the router, except `storageMiB`, which is metered. */
export const limitsSchema = z.strictObject({
  requestsPerMinute: z.int().positive(),
  /** Bodies and upgraded connections, both ways. */
  bandwidthMiBPerMinute: z.int().positive(),
  /** Concurrent requests and upgraded connections. */
  connections: z.int().positive(),
  uploadMiB: z.int().positive(),
  storageMiB: z.int().positive(),
})
export type Limits = z.infer<typeof limitsSchema>

/** For how long nobody must use a site before it is stopped until the next visit; a month at most. */
export const sleepMinutesSchema = z
  .int('must be a whole number of minutes')
  .min(1, 'must be at least 1 minute')
  .max(43_200, 'must be at most 43,200 minutes, which are 30 days')

/** Limits that the product itself enforces, such as `courses`, by name. */
export const productLimitsSchema = z.record(
  z.string().regex(/^[a-z][a-zA-Z0-9]{0,40}$/, 'must be a name such as courses'),
  z.int().nonnegative(),
)

const dayHours = 24

/** When the sites of a plan are copied by themselves, and how many of these copies are kept. */
export const copyScheduleSchema = z.strictObject({
  everyHours: z
    .int('must be a whole number of hours')
    .min(1, 'must be at least 1')
    .max(720, 'must be at most 720, which are 30 days')
    .refine(
      (hours) => dayHours % hours === 0 || hours % dayHours === 0,
      'must divide 24 or be a multiple of it, so that copies are taken at the same hours of each day',
    ),
  /** UTC: when a site that is in use may be interrupted. */
  hour: z.int('must be a whole hour').min(0, 'must be 0 to 23').max(23, 'must be 0 to 23'),
  keep: z.int('must be a whole number').min(1, 'must be at least 1').max(90, 'must be at most 90'),
})
export type CopySchedule = z.infer<typeof copyScheduleSchema>

/** How many environments a site of a plan may have, and the storage of each. */
export const environmentQuotaSchema = z.strictObject({
  count: z.int().min(1).max(100),
  storageMiB: z.int().positive(),
  /** How long one may live after a deployment; for ever if absent. */
  maxDays: z.int().min(1).max(3650).optional(),
  /** Whether the block of one may let its programs reach the internet. */
  outbound: z.boolean().default(false),
})

/** What owners are told that their use costs, in units of the currency. Nobody is charged by it. */
export const usagePricesSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/),
  awakeHour: z.number().nonnegative(),
  gibMonth: z.number().nonnegative(),
})

export const planSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,30}$/),
  name: z.string().min(1).max(60),
  kind: z.enum(['trial', 'paid', 'enterprise']),
  /** One for each interval and currency; empty if free or by arrangement. */
  prices: z.array(priceSchema).readonly().default([]),
  size: sizeSchema,
  limits: limitsSchema,
  features: z.array(z.string().regex(/^[a-z][a-zA-Z0-9-]{0,40}$/)).readonly(),
  sleepAfterMinutes: sleepMinutesSchema.optional(),
  productLimits: productLimitsSchema.optional(),
  copies: copyScheduleSchema.optional(),
  environments: environmentQuotaSchema.optional(),
  /** What accounts' own software may relax: a way to the internet, and users of its choice, root among them. */
  opens: z
    .array(z.enum(['outbound', 'root']))
    .readonly()
    .optional(),
  usagePrices: usagePricesSchema.optional(),
})
export type Plan = z.infer<typeof planSchema>

/** The schedule of a plan's copies; undefined also for a plan that is gone. */
export const copiesOf = ({ plans }: Pick<PlanCatalogue, 'plans'>, id: string): CopySchedule | undefined =>
  plans.find((plan) => plan.id === id)?.copies

/**
 * Whether a plan is a trial, by its id: `trial`, or `trial-` and more. The id says it, so that a site's deadlines follow from its
 * record and need no configuration.
 */
export const isTrialPlan = (id: string): boolean => id === 'trial' || id.startsWith('trial-')

export interface PlanCatalogue {
  readonly plans: readonly Plan[]
  /** @throws {Error} if the configuration lacks a plan that a site has. */
  readonly find: (id: string) => Plan
  /** The first trial plan: that of the pool, and of offers that name none. */
  readonly trial: Plan
}

export const planOfferSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  prices: z.array(priceSchema).readonly(),
})
export type PlanOffer = z.infer<typeof planOfferSchema>

export const plansOnOffer = ({ plans }: PlanCatalogue): readonly PlanOffer[] =>
  plans.flatMap(({ id, name, kind, prices }) => (kind === 'paid' && prices.length > 0 ? [{ id, name, prices }] : []))

export const isSameSize = (one: Size, other: Size | undefined): boolean =>
  one.cpu === other?.cpu && one.memoryMiB === other.memoryMiB && one.processes === other.processes
