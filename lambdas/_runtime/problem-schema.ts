import * as z from 'zod'
import { challengeSchema } from '../../core/challenge.ts'
import { planOfferSchema } from '../../core/plan/plan.ts'

/** RFC 9457, plus invalid fields, request id, wait, challenge and plans. */
export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    errors: z
      .array(
        z.strictObject({
          path: z.string(),
          message: z.string(),
          code: z.string().optional().describe('Names some problems, for words in another language.'),
          values: z.record(z.string(), z.string()).optional().describe('The values of those words.'),
        }),
      )
      .optional(),
    requestId: z.string().optional(),
    retryAfterSeconds: z.int().optional(),
    challenge: challengeSchema.optional(),
    plans: z.array(planOfferSchema).optional(),
  })
  .meta({ id: 'Problem' })
