import type { Stripe } from 'stripe'
import type { Plan } from '../../../core/plan/plan.ts'
import { apiVersion } from '../client.ts'
import { idOf, isOurs, type Metadata } from '../ours.ts'
import { applyStep, type Step } from './apply-step.ts'
import { isAsWanted, type Wanted, type WantedPrice, type WantedWebhook, wantedOf } from './wanted.ts'

export interface Found {
  readonly products: readonly FoundProduct[]
  readonly prices: readonly FoundPrice[]
  /** Lookup keys of prices of other installations, and whose they are. */
  readonly foreignKeys: ReadonlyMap<string, string>
  /** The active ones. */
  readonly portals: readonly { readonly id: string; readonly isAsWanted: boolean }[]
  readonly webhooks: readonly FoundWebhook[]
}

const intervalOf = ({ recurring }: Stripe.Price): string => {
  if (recurring === null) return 'once'
  return recurring.interval_count === 1 ? recurring.interval : `${recurring.interval_count} ${recurring.interval}`
}

const everyOne = async <Item extends { readonly metadata: Stripe.Metadata | null }>(
  installation: string,
  ...lists: readonly (() => AsyncIterable<Item>)[]
): Promise<{ readonly ours: readonly Item[]; readonly others: readonly Item[] }> => {
  const ours: Item[] = []
  const others: Item[] = []
  for (const list of lists) {
    // The client asks as soon as a list is made: one that nobody reads would fail unheard.
    for await (const item of list()) (isOurs(installation, item.metadata) ? ours : others).push(item)
  }
  return { ours, others }
}

const productOf = ({ id, metadata, name, active, created }: Stripe.Product) => {
  return { id, plan: metadata['plan'] ?? '', name, isActive: active, createdAt: created }
}
export type FoundProduct = Readonly<ReturnType<typeof productOf>>

/** `key` is the lookup key; none once another price took it over. `interval` is such as `month`, and `3 month` where it is of several. */
const priceOf = (price: Stripe.Price) => ({
  id: price.id,
  key: price.lookup_key ?? undefined,
  productId: idOf(price.product),
  amount: price.unit_amount ?? undefined,
  currency: price.currency,
  interval: intervalOf(price),
  isActive: price.active,
})
export type FoundPrice = Readonly<ReturnType<typeof priceOf>>

/** `apiVersion` is undefined where it is the account's default one. */
const webhookOf = ({ id, url, enabled_events, status, api_version, created }: Stripe.WebhookEndpoint) => {
  const events: readonly string[] = enabled_events
  return { id, url, events, isEnabled: status === 'enabled', apiVersion: api_version ?? undefined, createdAt: created }
}
export type FoundWebhook = Readonly<ReturnType<typeof webhookOf>>

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
    products: products.ours.map(productOf),
    prices: prices.ours.map(priceOf),
    foreignKeys: new Map(
      prices.others.flatMap(({ lookup_key, metadata }) =>
        lookup_key === null ? [] : [[lookup_key, ownerOf(metadata)]],
      ),
    ),
    portals: portals.ours.map(({ id, features }) => ({ id, isAsWanted: isAsWanted(features) })),
    webhooks: webhooks.ours.map(webhookOf),
  }
}

const productSteps = (wanted: Wanted, found: Found): readonly Step[] => {
  const counting = countingProducts(found)
  return wanted.products.flatMap((product): readonly Step[] => {
    const known = counting.get(product.plan)
    if (known === undefined) return [{ do: 'create-product', product }]
    return known.isActive && known.name === product.name ? [] : [{ do: 'update-product', id: known.id, product }]
  })
}

const isSame = (price: FoundPrice, wanted: WantedPrice, productId: string | undefined): boolean =>
  price.amount === wanted.amount &&
  price.currency === wanted.currency &&
  price.interval === wanted.interval &&
  price.productId === productId

const priceSteps = (wanted: Wanted, found: Found): readonly Step[] => {
  const counting = countingProducts(found)
  const kept = new Set<string>()
  const made = wanted.prices.flatMap((price): readonly Step[] => {
    const known = found.prices.find(({ key }) => key === price.key)
    if (known === undefined || !isSame(known, price, counting.get(price.plan)?.id))
      return [{ do: 'create-price', price }]
    kept.add(known.id)
    return known.isActive ? [] : [{ do: 'restore-price', id: known.id, price }]
  })
  const keys = new Set(wanted.prices.map(({ key }) => key))
  const archived = found.prices
    .filter(({ id, isActive }) => isActive && !kept.has(id))
    .map(({ id, key }): Step => {
      const because =
        key !== undefined && keys.has(key)
          ? 'its amount has changed; existing subscriptions keep it'
          : 'it is not sold any more'
      return { do: 'archive-price', id, because }
    })
  return [...made, ...archived]
}

const archivedProducts = (wanted: Wanted, found: Found): readonly Step[] => {
  const counting = countingProducts(found)
  const plans = new Set(wanted.products.map(({ plan }) => plan))
  return found.products
    .filter(({ id, plan, isActive }) => isActive && !(plans.has(plan) && counting.get(plan)?.id === id))
    .map(({ id, plan }) => ({ do: 'archive-product', id, plan }))
}

const portalSteps = ({ portals }: Found): readonly Step[] => {
  const [known, ...others] = portals
  if (known === undefined) return [{ do: 'create-portal' }]
  return [
    ...(known.isAsWanted ? [] : [{ do: 'update-portal', id: known.id } as const]),
    ...others.map(({ id }): Step => ({ do: 'archive-portal', id })),
  ]
}

const hasEvents = (events: readonly string[], webhook: WantedWebhook): boolean =>
  events.length === webhook.events.length && webhook.events.every((event) => events.includes(event))

const webhookSteps = (webhook: WantedWebhook | undefined, found: Found, apiVersion: string): readonly Step[] => {
  if (webhook === undefined) return []
  const usable = usableWebhooks(webhook, found, apiVersion)
  const [known] = usable
  if (known === undefined) return [{ do: 'create-webhook', webhook }]
  const isRight = known.isEnabled && known.url === webhook.url && hasEvents(known.events, webhook)
  return [
    ...(isRight ? [] : [{ do: 'update-webhook', id: known.id, webhook } as const]),
    ...usable
      .filter(({ id, isEnabled }) => isEnabled && id !== known.id)
      .map(({ id, url }): Step => ({ do: 'disable-webhook', id, url })),
  ]
}

/** The steps, in order, that make Stripe hold what is wanted; empty if it does. */
export const planSteps = (wanted: Wanted, found: Found, apiVersion: string): readonly Step[] => [
  ...productSteps(wanted, found),
  ...priceSteps(wanted, found),
  ...archivedProducts(wanted, found),
  ...portalSteps(found),
  ...webhookSteps(wanted.webhook, found, apiVersion),
]

/** The obstacles: two installations cannot share the lookup keys of one Stripe account. */
export const conflicts = (wanted: Wanted, found: Found): readonly string[] =>
  wanted.prices.flatMap(({ key }) => {
    const holder = found.foreignKeys.get(key)
    return holder === undefined ? [] : [`The lookup key ${key} is held by a price of ${holder}.`]
  })

/** The product of each plan. Two runs at once may create several; the oldest active one counts. */
const countingProducts = ({ products }: Pick<Found, 'products'>): ReadonlyMap<string, FoundProduct> => {
  const counting = new Map<string, FoundProduct>()
  for (const product of products.toSorted((one, other) => one.createdAt - other.createdAt)) {
    const known = counting.get(product.plan)
    if (known === undefined || (!known.isActive && product.isActive)) counting.set(product.plan, product)
  }
  return counting
}

/**
 * The webhooks that could serve, the best one first: one that is right, then one with the address, then the oldest. Ignores one
 * that a person disabled and that has another version of the API.
 */
const usableWebhooks = ({ url }: WantedWebhook, { webhooks }: Found, apiVersion: string): readonly FoundWebhook[] => {
  const rank = (one: FoundWebhook): number => {
    if (one.url !== url) return 0
    return one.isEnabled && one.apiVersion === apiVersion ? 2 : 1
  }
  return webhooks
    .filter((one) => one.isEnabled || one.apiVersion === apiVersion)
    .toSorted((one, other) => rank(other) - rank(one) || one.createdAt - other.createdAt)
}

/**
 * Says what a person has to do about a webhook with another version of the API. Stripe lets nobody change the version of an
 * endpoint, and a new one has a new secret, so it is not replaced automatically.
 */
export const staleWebhooks = ({ webhook }: Wanted, found: Found, apiVersion: string): readonly string[] => {
  if (webhook === undefined) return []
  const [kept] = usableWebhooks(webhook, found, apiVersion)
  if (kept === undefined || kept.apiVersion === apiVersion) return []
  const version = kept.apiVersion === undefined ? "the account's own version" : `the version ${kept.apiVersion}`
  return [
    `webhook ${kept.id} speaks ${version} of the API, and this code ${apiVersion}. That of an endpoint cannot be changed. ` +
      'Disable it in the dashboard, and run this again: that makes another one, with a secret of its own.',
  ]
}

export interface SyncOptions {
  readonly stripe: Stripe
  readonly installation: string
  readonly plans: readonly Plan[]
  /** The beginning of products' names. */
  readonly brand: string
  /** Where events are to come in; nothing is done about webhooks without. */
  readonly webhookUrl?: string | undefined
}

export interface SyncPlan {
  /** In the order in which they are done; empty if Stripe holds what it should. */
  readonly steps: readonly Step[]
  /** Lines about what only a person can do. */
  readonly remarks: readonly string[]
  /** @returns the secret of a webhook endpoint that was made, which Stripe shows this once. */
  readonly apply: () => Promise<{ readonly webhookSecret: string | undefined }>
}

/**
 * Compares Stripe with our products, prices, portal and webhook, and plans the steps that are missing.
 * @throws {Error} where another installation has the lookup keys of our prices.
 */
export const planSync = async (options: SyncOptions): Promise<SyncPlan> => {
  const { stripe, installation } = options
  const wanted = wantedOf(options, options.webhookUrl)
  const found = await readFound(stripe, installation)
  const problems = conflicts(wanted, found)
  if (problems.length > 0) {
    throw new Error(`${problems.join('\n')}\nGive each installation a Stripe account, or a sandbox, of its own.`)
  }
  const steps = planSteps(wanted, found, apiVersion)
  return {
    steps,
    remarks: staleWebhooks(wanted, found, apiVersion),
    apply: async () => {
      let webhookSecret: string | undefined
      const hearSecret = (secret: string): void => {
        webhookSecret = secret
      }
      const products = new Map([...countingProducts(found)].map(([plan, { id }]) => [plan, id]))
      for (const step of steps) await applyStep({ stripe, installation, products, hearSecret }, step)
      return { webhookSecret }
    },
  }
}
