import type { Stripe } from 'stripe'
import { idOf, isOurs, type Metadata } from '../ours.ts'
import { isAsWanted } from './wanted.ts'

export interface FoundProduct {
  readonly id: string
  readonly plan: string
  readonly name: string
  readonly isActive: boolean
  readonly createdAt: number
}

export interface FoundPrice {
  readonly id: string
  /** The lookup key that it has; none once another price took it over. */
  readonly key: string | undefined
  readonly productId: string
  readonly amount: number | undefined
  readonly currency: string
  /** Such as `month`, and `3 month` where it is of several. */
  readonly interval: string
  readonly isActive: boolean
}

interface FoundPortal {
  readonly id: string
  readonly isAsWanted: boolean
}

export interface FoundWebhook {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly isEnabled: boolean
  /** Undefined where it is the account's default one. */
  readonly apiVersion: string | undefined
  readonly createdAt: number
}

/** Our things at Stripe. */
export interface Found {
  readonly products: readonly FoundProduct[]
  readonly prices: readonly FoundPrice[]
  /** Lookup keys of prices of other installations, and whose they are. */
  readonly foreignKeys: ReadonlyMap<string, string>
  /** The active ones. */
  readonly portals: readonly FoundPortal[]
  readonly webhooks: readonly FoundWebhook[]
}

const intervalOf = ({ recurring }: Stripe.Price): string => {
  if (recurring === null) return 'once'
  return recurring.interval_count === 1 ? recurring.interval : `${recurring.interval_count} ${recurring.interval}`
}

const everyOne = async <Thing extends { readonly metadata: Stripe.Metadata | null }>(
  installation: string,
  ...lists: readonly (() => AsyncIterable<Thing>)[]
): Promise<{ readonly ours: readonly Thing[]; readonly others: readonly Thing[] }> => {
  const ours: Thing[] = []
  const others: Thing[] = []
  for (const list of lists) {
    // The client asks as soon as a list is made: one that nobody reads would fail unheard.
    for await (const thing of list()) (isOurs(installation, thing.metadata) ? ours : others).push(thing)
  }
  return { ours, others }
}

const priceOf = (price: Stripe.Price): FoundPrice => ({
  id: price.id,
  key: price.lookup_key ?? undefined,
  productId: idOf(price.product),
  amount: price.unit_amount ?? undefined,
  currency: price.currency,
  interval: intervalOf(price),
  isActive: price.active,
})

const ownerOf = (metadata: Metadata): string => metadata?.['installation'] ?? 'somebody else'

/** Page by page, archived ones included. Reads and changes nothing. */
export const readFound = async (stripe: Stripe, installation: string): Promise<Found> => {
  const [products, prices, portals, webhooks] = await Promise.all([
    everyOne(installation, () => stripe.products.list({ limit: 100 })),
    // Without being asked for them, Stripe leaves out those that are archived.
    everyOne(installation, ...[true, false].map((active) => () => stripe.prices.list({ active, limit: 100 }))),
    everyOne(installation, () => stripe.billingPortal.configurations.list({ active: true, limit: 100 })),
    everyOne(installation, () => stripe.webhookEndpoints.list({ limit: 100 })),
  ])
  return {
    products: products.ours.map(({ id, metadata, name, active, created }) => ({
      id,
      plan: metadata['plan'] ?? '',
      name,
      isActive: active,
      createdAt: created,
    })),
    prices: prices.ours.map(priceOf),
    foreignKeys: new Map(
      prices.others.flatMap(({ lookup_key, metadata }) =>
        lookup_key === null ? [] : [[lookup_key, ownerOf(metadata)]],
      ),
    ),
    portals: portals.ours.map(({ id, features }) => ({ id, isAsWanted: isAsWanted(features) })),
    webhooks: webhooks.ours.map(({ id, url, enabled_events, status, api_version, created }) => ({
      id,
      url,
      events: enabled_events,
      isEnabled: status === 'enabled',
      apiVersion: api_version ?? undefined,
      createdAt: created,
    })),
  }
}
