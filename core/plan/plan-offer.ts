import * as z from 'zod'
import type { PlanCatalogue } from './plan.ts'
import { priceSchema } from './plan.ts'

/** A plan that an owner may choose by themselves. */
export const planOfferSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  prices: z.array(priceSchema).readonly(),
})
export type PlanOffer = z.infer<typeof planOfferSchema>

/** Those plans that have prices; the others are agreed by hand. */
export const plansOnOffer = ({ plans }: PlanCatalogue): readonly PlanOffer[] =>
  plans.flatMap(({ id, name, kind, prices }) => (kind === 'paid' && prices.length > 0 ? [{ id, name, prices }] : []))
