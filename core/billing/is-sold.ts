import type { PlanCatalogue } from '../plan/plan.ts'
import type { PriceChoice } from '../ports/payments.ts'

/**
 * Whether a price belongs to a paid plan that we have, in whatever interval and currency: one that is no longer offered is
 * still paid by whoever has it.
 */
export const isSoldBy =
  ({ plans }: PlanCatalogue) =>
  ({ plan }: PriceChoice): boolean =>
    plans.some(({ id, kind }) => id === plan && kind === 'paid')
