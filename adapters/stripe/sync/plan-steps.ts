import { countingProducts } from './counting-products.ts'
import type { Found, FoundPrice } from './found.ts'
import type { Step } from './step.ts'
import { usableWebhooks } from './usable-webhooks.ts'
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
        key !== undefined && keys.has(key) ? 'its amount has changed; who pays it goes on' : 'it is not sold any more'
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

/** What has to be done at Stripe, in this order, so that it holds what is wanted; nothing where it does. */
export const planSteps = (wanted: Wanted, found: Found, apiVersion: string): readonly Step[] => [
  ...productSteps(wanted, found),
  ...priceSteps(wanted, found),
  ...archivedProducts(wanted, found),
  ...portalSteps(found),
  ...webhookSteps(wanted.webhook, found, apiVersion),
]

/** What keeps it from being done: two installations cannot share the lookup keys of one Stripe account. */
export const conflicts = (wanted: Wanted, found: Found): readonly string[] =>
  wanted.prices.flatMap(({ key }) => {
    const holder = found.foreignKeys.get(key)
    return holder === undefined ? [] : [`The lookup key ${key} is held by a price of ${holder}.`]
  })
