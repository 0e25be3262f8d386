import type Stripe from 'stripe'
import type { Price } from '../records/price.ts'

type PlanObject = Omit<Stripe.Plan, 'amount_decimal'> & { amount_decimal: string }

/** A price as it was called before there were prices; subscription items still carry it. */
export const planObject = (price: Price): PlanObject => ({
  id: price.id,
  object: 'plan',
  active: price.active,
  amount: price.unitAmount,
  amount_decimal: String(price.unitAmount),
  billing_scheme: 'per_unit',
  created: price.created,
  currency: price.currency,
  interval: price.recurring?.interval ?? 'month',
  interval_count: price.recurring?.intervalCount ?? 1,
  livemode: false,
  metadata: price.metadata,
  meter: null,
  nickname: price.nickname,
  product: price.product,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: 'licensed',
})
