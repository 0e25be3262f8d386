import type { BillingInterval } from '../plan/plan.ts'
import { billingIntervals } from '../plan/plan.ts'
import type { PriceChoice } from '../ports/payments.ts'

const isInterval = (word: string | undefined): word is BillingInterval =>
  billingIntervals.some((interval) => interval === word)

/** What a price of ours is found by at Stripe, such as `sitewright_growth_month_eur`. Ids of plans have no underscore. */
export const lookupKeyOf = ({ plan, interval, currency }: PriceChoice): string =>
  `sitewright_${plan}_${interval}_${currency.toLowerCase()}`

/** The price behind a key of ours; undefined where it is none of ours. Whether its plan still exists is another question. */
export const choiceOfLookupKey = (key: string): PriceChoice | undefined => {
  const [ours, plan = '', interval, currency = '', ...others] = key.split('_')
  if (ours !== 'sitewright' || others.length > 0 || !isInterval(interval)) return undefined
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(plan) || !/^[a-z]{3}$/.test(currency)) return undefined
  return { plan, interval, currency: currency.toUpperCase() }
}
