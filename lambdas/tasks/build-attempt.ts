import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

/** What the state machine hands to every task of a build. */
export const buildAttemptSchema = z.object({ siteId: idSchema('site'), fence: z.int().positive() })
