import { SitewrightError } from '../../errors.ts'
import type { BillingInterval, Plan, PlanCatalogue } from '../../plan/plan.ts'
import type { PriceChoice } from '../../ports/payments.ts'

/** What an owner asks for. */
export interface PriceWish {
  readonly plan: string
  readonly interval: BillingInterval
  /** ISO 4217, upper case; the account's own where it has one, else the first that the plan is sold in. */
  readonly currency?: string | undefined
}

const refuse = (path: string, message: string): never => {
  throw new SitewrightError('InvalidRequest', `${path}: ${message}.`, { fields: [{ path, message }] })
}

const soldPlan = ({ plans }: PlanCatalogue, id: string): Plan => {
  const sold = plans.filter(({ prices }) => prices.length > 0)
  const known = plans.find((plan) => plan.id === id)
  if (known !== undefined && sold.includes(known)) return known
  const choice = sold.map((plan) => plan.id).join(', ')
  if (known?.kind === 'enterprise')
    return refuse('plan', `'${id}' is by arrangement: write to us. To buy are: ${choice}`)
  return refuse('plan', `must be one of: ${choice}`)
}

/**
 * The price that is meant.
 * @param fixed the currency of everything that the account buys, once it has bought something.
 * @throws {SitewrightError} `InvalidRequest` for a plan, an interval or a currency that is not sold, or another currency than
 *   the account's.
 */
export const choosePrice = (
  catalogue: PlanCatalogue,
  wish: PriceWish,
  fixed: string | undefined,
): { readonly plan: Plan; readonly price: PriceChoice } => {
  const plan = soldPlan(catalogue, wish.plan)
  const ofInterval = plan.prices.filter(({ interval }) => interval === wish.interval)
  const intervals = [...new Set(plan.prices.map(({ interval }) => interval))].join(', ')
  if (ofInterval.length === 0) return refuse('interval', `'${plan.id}' is sold by: ${intervals}`)
  if (fixed !== undefined && wish.currency !== undefined && wish.currency !== fixed) {
    return refuse('currency', `is ${fixed} for this account, as its first purchase was`)
  }
  const currency = fixed ?? wish.currency ?? ofInterval[0]?.currency
  const found = ofInterval.find((price) => price.currency === currency)
  const currencies = ofInterval.map((price) => price.currency).join(', ')
  if (found === undefined) return refuse('currency', `'${plan.id}' is sold in: ${currencies}`)
  return { plan, price: { plan: plan.id, interval: found.interval, currency: found.currency } }
}
