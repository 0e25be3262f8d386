import type { CheckoutSession } from '../records/checkout-session.ts'
import type { World } from '../world.ts'
import { cardField, escapeHtml, money, page, problem } from './page.ts'

/** Where somebody pays at a checkout. */
export const payPage = ({ records }: World, session: CheckoutSession, message?: string): string => {
  const price = records.prices.change(session.price, {})
  const product = records.products.get(price.product)
  const amount = money(price.unitAmount * session.quantity, price.currency)
  const back =
    session.cancelUrl === null ? '' : `<p><a href="${escapeHtml(session.cancelUrl)}">Back without paying</a></p>`
  if (session.status !== 'open') {
    return page('Checkout', `<p>This checkout is ${session.status}. There is nothing to pay here.</p>${back}`)
  }
  return page(
    `Subscribe to ${product?.name ?? 'a plan'}`,
    `<p class="amount">${escapeHtml(amount)} per ${price.recurring?.interval ?? 'purchase'}</p>
  ${problem(message)}
  <form method="post">
    ${cardField}
    <button>Subscribe</button>
  </form>
  ${back}`,
  )
}
