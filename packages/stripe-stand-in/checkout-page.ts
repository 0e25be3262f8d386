import { periodEnd } from './billing/periods.ts'
import { billed, brand, cardFields, day, escapeHtml, money, page, problem } from './page.ts'
import type { CheckoutSession } from './resources/checkout-sessions.ts'
import { requireCustomer } from './resources/customers.ts'
import { prices } from './resources/prices.ts'
import { products } from './resources/products.ts'
import type { World } from './world.ts'

/** The page of a checkout: what is charged today and when next, and the card. */
export const payPage = (world: World, session: CheckoutSession, message?: string): string => {
  const { product, unitAmount, currency, recurring } = prices.require(world, session.price)
  const { name } = products.require(world, product)
  const amount = money(unitAmount, currency)
  const back =
    session.cancelUrl === null ? '' : `<p><a href="${escapeHtml(session.cancelUrl)}">← Back without paying</a></p>`
  if (session.status !== 'open') {
    return page(
      'Checkout',
      `${back}${brand(name)}`,
      `<p>This checkout is ${session.status}. There is nothing to pay here.</p>`,
    )
  }
  const next = day(periodEnd(world.now, recurring.interval, world.now))
  const { email } = requireCustomer(world, session.customer)
  return page(
    `Subscribe to ${name}`,
    `${back}${brand(name)}
  <h1>Subscribe to ${escapeHtml(name)}</h1>
  <p class="amount">${amount} per ${recurring.interval}</p>
  <table>
    <tr><td>${escapeHtml(name)}<small>${billed(recurring.interval)}, until you cancel</small></td><td>${amount}</td></tr>
    <tr class="total"><td>Due today</td><td>${amount}</td></tr>
    <tr><td>Next charge, on ${next}</td><td>${amount}</td></tr>
  </table>`,
    `${problem(message)}
  <form method="post">
    <h2>Contact</h2>
    <label>E-mail address <input type="email" readonly value="${escapeHtml(email ?? '')}"></label>
    <h2>Card</h2>
    ${cardFields}
    <button>Pay ${amount}</button>
  </form>
  <p><small>You subscribe. ${amount} is charged each ${recurring.interval} until you cancel.</small></p>`,
  )
}
