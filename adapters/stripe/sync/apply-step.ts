import type { Stripe } from 'stripe'
import { apiVersion } from '../client.ts'
import { type WantedPrice, type WantedProduct, type WantedWebhook, wantedFeatures } from './wanted.ts'

export interface Applying {
  readonly stripe: Stripe
  readonly installation: string
  /** The product of each plan; a step that makes one adds it. */
  readonly products: Map<string, string>
  /** Hears the secret of a new webhook endpoint, which Stripe shows this once. */
  readonly hearSecret: (secret: string) => void
}

const createPrice = async ({ stripe, installation, products }: Applying, price: WantedPrice): Promise<void> => {
  const product = products.get(price.plan)
  if (product === undefined) throw new Error(`The plan ${price.plan} has no product at Stripe.`)
  await stripe.prices.create({
    product,
    currency: price.currency,
    unit_amount: price.amount,
    recurring: { interval: price.interval },
    lookup_key: price.key,
    transfer_lookup_key: true,
    // The key moves on when the amount changes; who subscribed to this price is known by what stays.
    metadata: { installation, plan: price.plan, lookupKey: price.key },
  })
}

const createWebhook = async ({ stripe, installation, hearSecret }: Applying, { url, events }: WantedWebhook) => {
  const { secret } = await stripe.webhookEndpoints.create({
    url,
    enabled_events: [...events],
    api_version: apiVersion,
    metadata: { installation },
  })
  if (secret !== undefined) hearSecret(secret)
}

const createProduct = async (
  { stripe, installation, products }: Applying,
  { plan, name }: { readonly plan: string; readonly name: string },
): Promise<void> => {
  const { id } = await stripe.products.create({ name, metadata: { installation, plan } })
  products.set(plan, id)
}

/** Does one step. A run that dies after it is taken up by the next, which sees what is there. */
export const applyStep = async (applying: Applying, step: Step): Promise<unknown> => {
  const { stripe, installation } = applying
  switch (step.do) {
    case 'create-product':
      return createProduct(applying, step.product)
    case 'update-product':
      return stripe.products.update(step.id, { active: true, name: step.product.name })
    case 'archive-product':
      return stripe.products.update(step.id, { active: false })
    case 'create-price':
      return createPrice(applying, step.price)
    case 'restore-price':
      return stripe.prices.update(step.id, { active: true })
    case 'archive-price':
      return stripe.prices.update(step.id, { active: false })
    case 'create-portal':
      return stripe.billingPortal.configurations.create({ features: wantedFeatures, metadata: { installation } })
    case 'update-portal':
      return stripe.billingPortal.configurations.update(step.id, { features: wantedFeatures })
    case 'archive-portal':
      return stripe.billingPortal.configurations.update(step.id, { active: false })
    case 'create-webhook':
      return createWebhook(applying, step.webhook)
    case 'update-webhook':
      return stripe.webhookEndpoints.update(step.id, {
        url: step.webhook.url,
        enabled_events: [...step.webhook.events],
        disabled: false,
      })
    case 'disable-webhook':
      return stripe.webhookEndpoints.update(step.id, { disabled: true })
  }
}

/** One thing to do at Stripe. Nothing is ever deleted: what is gone is archived. */
export type Step =
  | { readonly do: 'create-product'; readonly product: WantedProduct }
  | { readonly do: 'update-product'; readonly id: string; readonly product: WantedProduct }
  | { readonly do: 'archive-product'; readonly id: string; readonly plan: string }
  /** Where another price has the key, it is transferred to the new one. */
  | { readonly do: 'create-price'; readonly price: WantedPrice }
  | { readonly do: 'restore-price'; readonly id: string; readonly price: WantedPrice }
  | { readonly do: 'archive-price'; readonly id: string; readonly because: string }
  | { readonly do: 'create-portal' }
  | { readonly do: 'update-portal'; readonly id: string }
  | { readonly do: 'archive-portal'; readonly id: string }
  | { readonly do: 'create-webhook'; readonly webhook: WantedWebhook }
  | { readonly do: 'update-webhook'; readonly id: string; readonly webhook: WantedWebhook }
  | { readonly do: 'disable-webhook'; readonly id: string; readonly url: string }

const priceText = ({ key, amount, currency, interval }: WantedPrice): string =>
  `${key}: ${amount} minor units of ${currency.toUpperCase()} a ${interval}`

/** A line for the person who approves the step. */
export const stepText = (step: Step): string => {
  switch (step.do) {
    case 'create-product':
      return `+ product '${step.product.name}' for the plan ${step.product.plan}`
    case 'update-product':
      return `~ product ${step.id}: active, and named '${step.product.name}'`
    case 'archive-product':
      return `- product ${step.id} of the plan ${step.plan} is archived`
    case 'create-price':
      return `+ price ${priceText(step.price)}`
    case 'restore-price':
      return `~ price ${step.id} is active again, ${priceText(step.price)}`
    case 'archive-price':
      return `- price ${step.id} is archived: ${step.because}`
    case 'create-portal':
      return '+ portal: cards, invoices, cancellation at the end of the period'
    case 'update-portal':
      return `~ portal ${step.id}: cards, invoices, cancellation at the end of the period, and nothing else`
    case 'archive-portal':
      return `- portal ${step.id} is archived: there is another`
    case 'create-webhook':
      return `+ webhook ${step.webhook.url} for ${step.webhook.events.length} kinds of events`
    case 'update-webhook':
      return `~ webhook ${step.id}: enabled, ${step.webhook.url}, ${step.webhook.events.length} kinds of events`
    case 'disable-webhook':
      return `- webhook ${step.id} to ${step.url} is disabled: there is another`
  }
}
