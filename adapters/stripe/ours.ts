import { createHash } from 'node:crypto'
import type { Stripe } from 'stripe'
import { type AccountId, isId, type SiteId } from '../../core/ids.ts'
import { type BillingInterval, billingIntervals, type PlanCatalogue } from '../../core/plan/plan.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Payments, PriceChoice } from '../../core/ports/payments.ts'
import type { Asking } from './stripe-errors.ts'

/** The types say that it is there; old objects may have none. */
export type Metadata = Readonly<Record<string, string>> | null | undefined

/** One Stripe account may serve others besides us: only what carries our installation's name is ours. */
export const isOurs = (installation: string, metadata: Metadata): boolean => metadata?.['installation'] === installation

export const siteOf = (installation: string, metadata: Metadata): SiteId | undefined => {
  const id = metadata?.['siteId']
  return isOurs(installation, metadata) && id !== undefined && isId('site', id) ? id : undefined
}

export const marksOf = (installation: string, { siteId, accountId }: { siteId: SiteId; accountId: AccountId }) => ({
  installation,
  siteId,
  accountId,
})

/** How tax is dealt with: by Stripe Tax, or not at all. */
export type TaxPolicy = 'automatic' | 'none'

export interface StripeWorld {
  readonly stripe: Stripe
  /** Whose things are ours: the name of this installation, in the metadata of all that we make. */
  readonly installation: string
  /** Whose prices are sold. */
  readonly catalogue: Pick<PlanCatalogue, 'plans'>
  readonly tax: TaxPolicy
  readonly asking: Asking
  readonly patiently: Payments['patiently']
  readonly log: Log
}

/** The lookup key of a price at Stripe, such as `sitewright_growth_month_eur`. Plan ids have no underscore. */
export const lookupKeyOf = ({ plan, interval, currency }: PriceChoice): string =>
  `sitewright_${plan}_${interval}_${currency.toLowerCase()}`

/** The item of a subscription that has a price of ours. Items that somebody added in the dashboard do not count. */
export const itemOfOurs = ({ items }: { readonly items: Pick<Stripe.Subscription['items'], 'data'> }) => {
  for (const item of items.data) {
    const price = choiceOfPrice(item.price)
    if (price !== undefined) return { item, price }
  }
  return undefined
}

/**
 * Which of our prices a price at Stripe is. After a change of amount the old price loses its lookup key to the new one, but
 * keeps its subscribers: its metadata still hold the key.
 */
const choiceOfPrice = ({ lookup_key, metadata }: { readonly lookup_key: string | null; readonly metadata: Metadata }) =>
  choiceOfLookupKey(lookup_key ?? metadata?.['lookupKey'] ?? '')

/** The price of a lookup key; undefined if it is not ours. Its plan may be gone. */
export const choiceOfLookupKey = (key: string): PriceChoice | undefined => {
  const [ours, plan = '', interval, currency = '', ...others] = key.split('_')
  if (ours !== 'sitewright' || others.length > 0 || !isInterval(interval)) return undefined
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(plan) || !/^[a-z]{3}$/.test(currency)) return undefined
  return { plan, interval, currency: currency.toUpperCase() }
}

const isInterval = (word: string | undefined): word is BillingInterval =>
  billingIntervals.some((interval) => interval === word)

/** The id in an expandable field. */
export const idOf = (reference: string | { readonly id: string }): string =>
  typeof reference === 'string' ? reference : reference.id

/**
 * Makes parameters that may change between two tries, such as a price, a part of the idempotency key: for a day Stripe refuses
 * a key that comes again with other parameters.
 */
export const keyFor = (idempotencyKey: string, params: object): string =>
  `${idempotencyKey}-${createHash('sha256').update(JSON.stringify(params)).digest('hex').slice(0, 16)}`
