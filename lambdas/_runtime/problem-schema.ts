import * as z from 'zod'
import { challengeSchema } from '../../core/abuse/challenge.ts'
import { planOfferSchema } from '../../core/plan/plan.ts'

/** RFC 9457, with the fields at fault, the request's name in the logs, and what to wait for, to solve or to choose of. */
export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    requestId: z.string().optional(),
    retryAfterSeconds: z.int().optional(),
    challenge: challengeSchema.optional(),
    plans: z.array(planOfferSchema).optional(),
  })
  .meta({ id: 'Problem' })
