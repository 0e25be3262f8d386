import { paymentNoticeTypes } from '../../../core/billing/payment-notice.ts'
import { lookupKeyOf } from '../../../core/billing/subscription.ts'
import type { BillingInterval, Plan } from '../../../core/plan/plan.ts'

export interface WantedProduct {
  readonly plan: string
  readonly name: string
}

export interface WantedPrice {
  readonly key: string
  readonly plan: string
  /** Integer minor units. */
  readonly amount: number
  /** Lower case, as Stripe has it. */
  readonly currency: string
  readonly interval: BillingInterval
}

export interface WantedWebhook {
  readonly url: string
  readonly events: readonly (typeof paymentNoticeTypes)[number][]
}

/** What Stripe should hold of us, besides the portal's configuration, which is the same for everybody. */
export interface Wanted {
  readonly products: readonly WantedProduct[]
  readonly prices: readonly WantedPrice[]
  /** Absent where nobody said at which address events are to come in: then nothing is done about it. */
  readonly webhook: WantedWebhook | undefined
}

/** Whatever is sold becomes a product, each of its prices a price. */
export const wantedOf = (
  { plans, brand }: { readonly plans: readonly Plan[]; readonly brand: string },
  webhookUrl?: string,
): Wanted => {
  const sold = plans.filter(({ kind, prices }) => kind === 'paid' && prices.length > 0)
  return {
    products: sold.map(({ id, name }) => ({ plan: id, name: `${brand} ${name}` })),
    prices: sold.flatMap(({ id: plan, prices }) =>
      prices.map(({ amount, currency, interval }) => ({
        key: lookupKeyOf({ plan, interval, currency }),
        plan,
        amount,
        currency: currency.toLowerCase(),
        interval,
      })),
    ),
    webhook: webhookUrl === undefined ? undefined : { url: webhookUrl, events: paymentNoticeTypes },
  }
}
