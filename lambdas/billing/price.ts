import { type BillingInterval, billingIntervals, type PlanCatalogue } from '../../core/plan/plan.ts'
import type { PriceChoice } from '../../core/ports/payments.ts'

/** Whether a price belongs to a paid plan of ours. A plan that is no longer offered still counts. */
export const isSoldBy =
  ({ plans }: PlanCatalogue) =>
  ({ plan }: PriceChoice): boolean =>
    plans.some(({ id, kind }) => id === plan && kind === 'paid')

const isInterval = (word: string | undefined): word is BillingInterval =>
  billingIntervals.some((interval) => interval === word)

/** The lookup key of a price at Stripe, such as `sitewright_growth_month_eur`. Plan ids have no underscore. */
export const lookupKeyOf = ({ plan, interval, currency }: PriceChoice): string =>
  `sitewright_${plan}_${interval}_${currency.toLowerCase()}`

/** The price of a lookup key; undefined if it is not ours. Its plan may be gone. */
export const choiceOfLookupKey = (key: string): PriceChoice | undefined => {
  const [ours, plan = '', interval, currency = '', ...others] = key.split('_')
  if (ours !== 'sitewright' || others.length > 0 || !isInterval(interval)) return undefined
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(plan) || !/^[a-z]{3}$/.test(currency)) return undefined
  return { plan, interval, currency: currency.toUpperCase() }
}
