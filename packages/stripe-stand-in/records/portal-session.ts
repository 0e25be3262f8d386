import * as z from 'zod'
import { seconds } from './record-parts.ts'

export const portalSessionSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string(),
  configuration: z.string(),
  returnUrl: z.string().nullable(),
  locale: z.string().nullable(),
})
export type PortalSession = z.infer<typeof portalSessionSchema>
