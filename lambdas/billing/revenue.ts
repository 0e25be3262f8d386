import * as z from 'zod'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { isCollected, type SiteBilling } from '../../core/site/site-billing.ts'

/** What the subscriptions in one currency bring in a month. */
export const monthlyRevenueSchema = z.strictObject({
  currency: z.string(),
  /** At the subscriptions' own prices, without discounts and taxes, in minor units. A twelfth of a yearly price. */
  amount: z.int().nonnegative(),
  subscriptions: z.int().nonnegative(),
})
type MonthlyRevenue = z.infer<typeof monthlyRevenueSchema>

/**
 * The price of a subscription: its own at Stripe, which a change of the configuration leaves as it is. Of one that has ended, or whose own is not
 * known, the price that is sold now, if any.
 */
export const priceOf = (billing: SiteBilling, { plans }: Pick<PlanCatalogue, 'plans'>) => {
  const { plan, interval, currency, amount, state } = billing
  if (amount !== undefined && state !== 'ended') return { interval, currency, amount }
  return plans
    .find(({ id }) => id === plan)
    ?.prices.find((one) => one.interval === interval && one.currency === currency)
}

/** Twelve months of a subscription that Stripe collects on or retries, at its price; 0 for another, and without a price. */
const yearlyAmountOf = (billing: SiteBilling, catalogue: Pick<PlanCatalogue, 'plans'>): number => {
  if (!isCollected(billing)) return 0
  return (priceOf(billing, catalogue)?.amount ?? 0) * (billing.interval === 'month' ? 12 : 1)
}

/** What a subscription brings in a month, rounded, as `MonthlyRevenue` counts it. */
export const monthlyAmountOf = (billing: SiteBilling, catalogue: Pick<PlanCatalogue, 'plans'>): number =>
  Math.round(yearlyAmountOf(billing, catalogue) / 12)

/** Adds up subscriptions that Stripe collects on or retries. A price that is neither known nor sold counts as nothing. */
export const createRevenue = (catalogue: Pick<PlanCatalogue, 'plans'>) => {
  const byCurrency = new Map<string, { twelfths: number; subscriptions: number }>()
  return {
    add: (billing: SiteBilling): void => {
      if (!isCollected(billing)) return
      const { currency } = billing
      const known = byCurrency.get(currency) ?? { twelfths: 0, subscriptions: 0 }
      byCurrency.set(currency, {
        twelfths: known.twelfths + yearlyAmountOf(billing, catalogue),
        subscriptions: known.subscriptions + 1,
      })
    },
    total: (): MonthlyRevenue[] =>
      [...byCurrency]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([currency, { twelfths, subscriptions }]) => ({
          currency,
          amount: Math.round(twelfths / 12),
          subscriptions,
        })),
  }
}
