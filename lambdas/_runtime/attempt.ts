import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

/** What a state machine hands to each of its tasks. Builds have no operation: their `operationId` is empty. */
export const attemptSchema = z.object({
  siteId: idSchema('site'),
  operationId: z.string().default(''),
  fence: z.int().positive(),
  /** Step Functions puts the error that was caught beside the input. */
  error: z.object({ Error: z.string() }).optional(),
})

export interface Attempt {
  readonly siteId: z.output<typeof attemptSchema>['siteId']
  readonly operationId: string
  readonly fence: number
}
