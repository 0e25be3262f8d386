import type { WantedPrice, WantedProduct, WantedWebhook } from './wanted.ts'

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

/** A line for whoever has to approve it. */
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
