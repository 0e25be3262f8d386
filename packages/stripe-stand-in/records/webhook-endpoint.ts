import * as z from 'zod'
import { metadata, seconds } from './record-parts.ts'

export const webhookEndpointSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  url: z.string(),
  secret: z.string(),
  enabledEvents: z.array(z.string()),
  status: z.enum(['enabled', 'disabled']),
  description: z.string().nullable(),
  apiVersion: z.string().nullable(),
  metadata,
  isDeleted: z.boolean(),
})
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>
