import * as z from 'zod'
import { metadata, seconds } from './record-parts.ts'

export const portalConfigurationSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  updated: seconds,
  active: z.boolean(),
  isDefault: z.boolean(),
  name: z.string().nullable(),
  metadata,
  defaultReturnUrl: z.string().nullable(),
  headline: z.string().nullable(),
  privacyPolicyUrl: z.string().nullable(),
  termsOfServiceUrl: z.string().nullable(),
  showsInvoices: z.boolean(),
  changesCard: z.boolean(),
  customerUpdates: z.array(z.enum(['address', 'email', 'name', 'phone', 'shipping', 'tax_id'])),
  changesCustomer: z.boolean(),
  cancels: z.boolean(),
  cancelsWhen: z.enum(['at_period_end', 'immediately']),
  cancelProration: z.enum(['always_invoice', 'create_prorations', 'none']),
  asksReason: z.boolean(),
  reasons: z.array(z.string()),
  changesPlan: z.boolean(),
  planProration: z.enum(['always_invoice', 'create_prorations', 'none']),
})
export type PortalConfiguration = z.infer<typeof portalConfigurationSchema>
