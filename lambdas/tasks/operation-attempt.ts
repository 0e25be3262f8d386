import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

/** What the state machine hands to every task of an operation. */
export const operationAttemptSchema = z.object({
  siteId: idSchema('site'),
  operationId: z.string(),
  fence: z.int().positive(),
})
