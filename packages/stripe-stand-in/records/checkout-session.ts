import * as z from 'zod'
import { currency, metadata, seconds } from './record-parts.ts'

export const checkoutSessionSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  expiresAt: seconds,
  status: z.enum(['open', 'complete', 'expired']),
  customer: z.string().nullable(),
  customerEmail: z.string().nullable(),
  clientReferenceId: z.string().nullable(),
  price: z.string(),
  quantity: z.int().positive(),
  currency,
  metadata,
  subscriptionMetadata: metadata,
  subscriptionDescription: z.string().nullable(),
  successUrl: z.string().nullable(),
  cancelUrl: z.string().nullable(),
  locale: z.string().nullable(),
  allowsPromotionCodes: z.boolean().nullable(),
  hasAutomaticTax: z.boolean(),
  collectsTaxIds: z.boolean(),
  billingAddressCollection: z.enum(['auto', 'required']).nullable(),
  /** Made by the first attempt to pay, and shown once it is paid. */
  subscription: z.string().nullable(),
  invoice: z.string().nullable(),
})
export type CheckoutSession = z.infer<typeof checkoutSessionSchema>
