import type { Step } from './apply-step.ts'
import type { Found, FoundPrice, FoundProduct, FoundWebhook } from './found.ts'
import type { Wanted, WantedPrice, WantedWebhook } from './wanted.ts'

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
export const countingProducts = ({ products }: Pick<Found, 'products'>): ReadonlyMap<string, FoundProduct> => {
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
