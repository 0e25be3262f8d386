import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { sentTermsSchema } from './protocol.ts'

const siteId = idSchema('site')

const sharedLimitsSchema = z.object({
  requestsPerMinute: z.number(),
  bandwidthMiBPerMinute: z.number(),
  connections: z.number(),
})

/** What a router admitted on a site by itself since its last report. */
const reportSchema = z.object({
  siteId,
  limits: sharedLimitsSchema,
  /** By client: requests, bytes, and how many connections and closable connections there are more, or fewer. */
  clients: z.array(z.tuple([z.string(), z.number(), z.number(), z.number(), z.number()])),
})
export type Report = z.infer<typeof reportSchema>

/** What a router may admit on a site by itself. At a site that is `isTight`, it asks each time. */
const leaseSchema = z.object({ siteId, requests: z.number(), connections: z.number(), isTight: z.boolean() })
export type Lease = z.infer<typeof leaseSchema>

const exhaustedSchema = z.object({
  what: z.enum(['requests', 'bandwidth', 'connections']),
  retryAfterSeconds: z.number(),
})

/** About limits, from the parent of the router processes to one of them. */
const trafficAnswerSchema = z.union([
  z.strictObject({ leases: z.array(leaseSchema) }),
  z.strictObject({ answer: z.int(), exhausted: exhaustedSchema.optional(), lease: leaseSchema }),
  /** The oldest closable connection of a client makes room for another client. */
  z.strictObject({ close: z.string(), siteId }),
])
export type TrafficAnswer = z.infer<typeof trafficAnswerSchema>

/** About limits, from a router process to its parent. */
const trafficQuestionSchema = z.union([
  z.strictObject({ reports: z.array(reportSchema) }),
  /** May this client have one more request? */
  z.strictObject({ ask: z.int(), client: z.string(), isClosable: z.boolean(), report: reportSchema }),
])
export type TrafficQuestion = z.infer<typeof trafficQuestionSchema>

/** From the parent of the router processes to one of them. */
export const toRouterSchema = z.union([
  trafficAnswerSchema,
  /** The last terms that any of them got. */
  z.strictObject({ terms: sentTermsSchema }),
  /** `drain`: another process listens; serve what is open. `stop`: end soon. */
  z.strictObject({ end: z.enum(['drain', 'stop']) }),
])
export type ToRouter = z.infer<typeof toRouterSchema>

export const fromRouterSchema = z.union([
  trafficQuestionSchema,
  z.strictObject({ terms: sentTermsSchema }),
  /** `outdated`: the host has other terms now. */
  z.strictObject({ state: z.enum(['listening', 'outdated']) }),
  /** A sentence for the person who can correct it. */
  z.strictObject({ failed: z.string() }),
])
export type FromRouter = z.infer<typeof fromRouterSchema>
