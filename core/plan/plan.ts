import * as z from 'zod'

/** What the containers of one site share. CPU in cores, memory in MiB, processes as a count. */
export const sizeSchema = z.strictObject({
  cpu: z.number().positive().max(64),
  memoryMiB: z.int().min(64).max(262_144),
  processes: z.int().min(16).max(32_768),
})
export type Size = z.infer<typeof sizeSchema>

export const billingIntervals = ['month', 'year'] as const
export type BillingInterval = (typeof billingIntervals)[number]

/** Integer minor units with an ISO 4217 code. */
export const priceSchema = z.strictObject({
  amount: z.int().positive(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  interval: z.enum(billingIntervals),
})

/** What the site of a plan may be asked for and may keep. The router holds it to all of it but `storageMiB`, which is metered. */
export const limitsSchema = z.strictObject({
  /** In any sixty seconds. */
  requestsPerMinute: z.int().positive(),
  /** Bodies and upgraded connections, both ways together, in any sixty seconds. */
  bandwidthMiBPerMinute: z.int().positive(),
  /** Requests and upgraded connections at the same time. */
  connections: z.int().positive(),
  /** The body of one request. */
  uploadMiB: z.int().positive(),
  storageMiB: z.int().positive(),
})
export type Limits = z.infer<typeof limitsSchema>

export const planSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,30}$/),
  name: z.string().min(1).max(60),
  kind: z.enum(['trial', 'paid', 'enterprise']),
  /** One for each interval and currency; none where it is free or agreed by hand. */
  prices: z.array(priceSchema).readonly().default([]),
  size: sizeSchema,
  limits: limitsSchema,
  features: z.array(z.string().regex(/^[a-z][a-zA-Z0-9]{0,40}$/)).readonly(),
})
export type Plan = z.infer<typeof planSchema>

export interface PlanCatalogue {
  readonly plans: readonly Plan[]
  /** @throws {Error} where no plan has this id: a site refers to a plan that was taken out of the configuration. */
  readonly find: (id: string) => Plan
  /** The plan that a site starts on. */
  readonly trial: Plan
}

/** A plan that an owner may choose by themselves. */
export const planOfferSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  prices: z.array(priceSchema).readonly(),
})
export type PlanOffer = z.infer<typeof planOfferSchema>

/** Those plans that have prices; the others are agreed by hand. */
export const plansOnOffer = ({ plans }: PlanCatalogue): readonly PlanOffer[] =>
  plans.flatMap(({ id, name, kind, prices }) => (kind === 'paid' && prices.length > 0 ? [{ id, name, prices }] : []))

export const isSameSize = (one: Size, other: Size | undefined): boolean =>
  one.cpu === other?.cpu && one.memoryMiB === other.memoryMiB && one.processes === other.processes
