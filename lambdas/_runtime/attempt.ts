import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

/** What a state machine hands to each of its tasks. Builds have no operation: their `operationId` is empty. */
export const attemptSchema = z.object({
  siteId: idSchema('site'),
  operationId: z.string().default(''),
  fence: z.int().positive(),
  /** Given to a state that waits until the token is completed. */
  taskToken: z.string().optional(),
  /** Step Functions puts the error that was caught beside the input. */
  error: z.object({ Error: z.string() }).optional(),
})

export interface Attempt {
  readonly siteId: z.output<typeof attemptSchema>['siteId']
  readonly operationId: string
  readonly fence: number
  readonly taskToken?: string | undefined
}
