import * as z from 'zod'
import { metadata, seconds } from './record-parts.ts'

export const productSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  updated: seconds,
  name: z.string(),
  description: z.string().nullable(),
  active: z.boolean(),
  metadata,
  taxCode: z.string().nullable(),
  statementDescriptor: z.string().nullable(),
  unitLabel: z.string().nullable(),
  url: z.string().nullable(),
  images: z.array(z.string()),
  marketingFeatures: z.array(z.string()),
  defaultPrice: z.string().nullable(),
})
export type Product = z.infer<typeof productSchema>
