import * as z from 'zod'
import { operationAttemptSchema } from './operation-attempt.ts'

/** Step Functions puts the error that was caught beside the input. */
export const failedAttemptSchema = operationAttemptSchema.extend({ error: z.object({ Error: z.string() }) })
