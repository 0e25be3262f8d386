import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

/** The input of each task of a state machine. */
export const attemptSchema = z.object({
  siteId: idSchema('site'),
  operationId: z.string(),
  fence: z.int().positive(),
  /** Present in a state that waits until the token is completed. */
  taskToken: z.string().optional(),
  /** Step Functions adds a caught error to the input. */
  error: z.object({ Error: z.string() }).optional(),
})

export type Attempt = Readonly<Omit<z.output<typeof attemptSchema>, 'error'>>
