import * as z from 'zod'
import { clientLimitsSchema } from '../../core/config/client-limits.ts'
import { idSchema } from '../../core/ids.ts'
import { loosely } from '../../core/loosely.ts'
import { planSchema } from '../../core/plan/plan.ts'
import { siteSchema } from '../../core/site/site.ts'
import { trialPolicySchema } from '../../core/site/trial-policy.ts'
import { offerSchema } from '../../lambdas/offers/offer.ts'
import { productEventSchema } from '../../lambdas/reports/usage/product-events.ts'
import type { Usage } from '../../lambdas/reports/usage/usage.ts'

/** The host listens here, in the home's `run` directory, for what routers ask it. */
export const routesSocket = 'routes.sock'

/** The host listens here for requests for the console and the API. */
export const consoleSocket = 'console.sock'

/** The fields of a request to the host with the ends of the visitor's connection. Routers remove them from visitors' requests. */
export const peerHeaders = { address: 'x-sitewright-peer', rest: 'x-sitewright-peer-connection' }

/** What a router has to know of its installation. It holds no key that signs. */
export const termsSchema = z.strictObject({
  port: z.int(),
  listen: z.string(),
  consoleUrl: z.string(),
  brand: z.string().optional(),
  isPublic: z.boolean(),
  proxies: z.array(z.string()).readonly(),
  clients: clientLimitsSchema,
  plans: z.array(planSchema).readonly(),
  trialPolicies: z.array(trialPolicySchema).readonly(),
  offers: z.array(offerSchema).readonly().default([]),
  rootPublicKey: z.string(),
  /** Salts the hashes of visitors. */
  visitorSecret: z.string(),
  /** How often use is reported. */
  usageSeconds: z.int(),
  crawlers: z.array(z.string()).readonly(),
  monitors: z.array(z.string()).readonly(),
  /** Whether limits on wakes count clients on this machine. */
  limitLoopback: z.boolean(),
})
export type Terms = z.infer<typeof termsSchema>

/** The terms as another version may send them, with all their fields. A difference means that a router is outdated. */
export const sentTermsSchema = z.looseObject({ clients: z.looseObject({ roomForOthers: z.number() }) })
export type SentTerms = z.infer<typeof sentTermsSchema>

export const helloSchema = z.object({ terms: sentTermsSchema, isServing: z.boolean() })

/** Also says what else a router has to know at this moment. */
export const foundSchema = z.object({
  site: loosely(siteSchema).optional(),
  isDiskShort: z.boolean(),
  isDiskAway: z.boolean(),
})

export const entranceSchema = z.object({ siteId: idSchema('site'), tokenHash: z.string(), now: z.iso.datetime() })

export const blueprintKeySchema = z.object({ name: z.string(), version: z.int() })

const usageSchema = z.object({
  requests: z.number(),
  clientErrors: z.number(),
  serverErrors: z.number(),
  bytes: z.number(),
  latency: z.array(z.number()),
  productEvents: z
    .array(z.tuple([productEventSchema, z.int().positive()]))
    .transform((counts) => new Map(counts))
    .optional(),
})

/** Usage as JSON, which has no maps. */
export const sentUsage = ({ productEvents, ...usage }: Usage): object => ({
  ...usage,
  ...(productEvents && { productEvents: [...productEvents] }),
})

export const usageReportSchema = z.object({
  siteId: idSchema('site'),
  usage: usageSchema,
  at: z.iso.datetime(),
  flush: z.object({ router: z.string(), number: z.int() }).optional(),
})

/** The sketch is base64. */
export const usageDayReportSchema = usageReportSchema.extend({ router: z.string(), sketch: z.base64() })
