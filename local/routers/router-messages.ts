import * as z from 'zod'
import { termsSchema } from './protocol.ts'

/** Between the parent of the router processes and one of them. */
export const toRouterSchema = z.union([
  /** The last terms that any of them got. */
  z.strictObject({ terms: termsSchema }),
  /** `drain`: another process listens; serve what is open. `stop`: end soon. */
  z.strictObject({ ask: z.enum(['drain', 'stop']) }),
])
export type ToRouter = z.infer<typeof toRouterSchema>

export const fromRouterSchema = z.union([
  z.strictObject({ terms: termsSchema }),
  /** `outdated`: the host has other terms now. */
  z.strictObject({ state: z.enum(['listening', 'outdated']) }),
  /** A sentence for the person who can correct it. */
  z.strictObject({ failed: z.string() }),
])
export type FromRouter = z.infer<typeof fromRouterSchema>
