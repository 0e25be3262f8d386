import { periodEnd } from './billing/periods.ts'
import { brand, cardFields, day, escapeHtml, money, page, problem } from './page.ts'
import { paymentMethods } from './resources/cards.ts'
import type { CheckoutSession } from './resources/checkout-sessions.ts'
import { applyBalance, requireCustomer } from './resources/customers.ts'
import { type Invoice, invoices, invoiceTotal, invoiceUrl } from './resources/invoices.ts'
import { configurations, type PortalSession } from './resources/portal.ts'
import { prices } from './resources/prices.ts'
import { products } from './resources/products.ts'
import { isOver, type Subscription, subscriptions } from './resources/subscriptions.ts'
import type { World } from './world.ts'

const button = (action: string, id: string, label: string): string => `<form method="post">
    <input type="hidden" name="action" value="${action}">
    <input type="hidden" name="subscription" value="${escapeHtml(id)}">
    <button>${label}</button>
  </form>`

const renderSubscription = (world: World, subscription: Subscription, cancels: boolean): string => {
  const { id, status, item, cancelAt, description } = subscription
  const price = prices.require(world, item.price)
  const isEnded = isOver(subscription)
  const end = cancelAt === null ? `next period from ${day(item.periodEnd)}` : `ends ${day(cancelAt)}`
  return `<section>
  <h2>${escapeHtml(products.require(world, price.product).name)}</h2>
  ${description === null ? '' : `<p>${escapeHtml(description)}</p>`}
  <p>${money(price.unitAmount, price.currency)} per ${price.recurring.interval} · ${status}${isEnded ? '' : ` · ${end}`}</p>
  ${isEnded || !cancels ? '' : button(cancelAt === null ? 'cancel' : 'resume', id, cancelAt === null ? 'Cancel at the end of the period' : 'Do not cancel')}
  </section>`
}

const renderInvoices = (world: World, customer: string): string => {
  const rows = invoices
    .list(world, customer)
    .filter(({ status }) => status !== 'draft')
    .map((invoice) => {
      const status = `<a href="${escapeHtml(invoiceUrl(world, invoice))}">${invoice.status}</a>`
      return `<tr><td>${day(invoice.created)}</td><td>${money(invoiceTotal(invoice), invoice.currency)}</td><td>${status}</td></tr>`
    })
  return `<h2>Invoices</h2>${rows.length === 0 ? '<p>None yet.</p>' : `<table>${rows.join('')}</table>`}`
}

/** The page of an invoice: its receipt, its bank's confirmation, or another card. */
export const invoicePage = (invoice: Invoice, message?: string): string => {
  const { amountDue, amountPaid, currency, status, paidAt, lines } = invoice
  const name = lines[0]?.description ?? 'Invoice'
  if (status === 'paid' && paidAt !== null) {
    const rows = lines.map(
      ({ description, amount }) => `<tr><td>${escapeHtml(description)}</td><td>${money(amount, currency)}</td></tr>`,
    )
    return page(
      'Receipt',
      `${brand(name)}
  <h1>Receipt</h1>
  <p class="amount">${money(amountPaid, currency)}</p>
  <p>Paid on ${day(paidAt)} · invoice ${escapeHtml(invoice.id)}</p>`,
      `<p>This invoice is paid. There is nothing to pay here.</p><table>${rows.join('')}</table>`,
    )
  }
  if (status !== 'open') {
    return page('Invoice', brand(name), `<p>This invoice is ${status}. There is nothing to pay here.</p>`)
  }
  return page(
    'Invoice',
    `${brand(name)}
  <h1>Invoice</h1>
  <p class="amount">${money(amountDue, currency)}</p>`,
    `${problem(message)}
  <form method="post"><button>Confirm with your bank</button></form>
  <form method="post">${cardFields}<button>Pay ${money(amountDue, currency)} with this card</button></form>`,
  )
}

export const portalPage = (
  world: World,
  { customer, configuration, returnUrl }: PortalSession,
  message?: string,
): string => {
  const { cancels, changesCard, showsInvoices } = configurations.require(world, configuration)
  const [card] = paymentMethods.list(world, customer)
  const rendered = subscriptions.list(world, customer).map((each) => renderSubscription(world, each, cancels))
  const cardForm = `<h2>Card</h2>
  <p>${card === undefined ? 'No card yet.' : `${card.brand} ending in ${escapeHtml(card.last4)}`}</p>
  <form method="post"><input type="hidden" name="action" value="card">${cardFields}<button>Use this card</button></form>`
  return page(
    'Billing',
    `${returnUrl === null ? '' : `<p><a href="${escapeHtml(returnUrl)}">← Back</a></p>`}${brand('Billing')}
  ${rendered.join('')}`,
    `${problem(message)}
  ${changesCard ? cardForm : ''}
  ${showsInvoices ? renderInvoices(world, customer) : ''}`,
  )
}

/** The page of a checkout: what is charged today and when next, and the card. */
export const payPage = (world: World, session: CheckoutSession, message?: string): string => {
  const { product, unitAmount, currency, recurring } = prices.require(world, session.price)
  const { name } = products.require(world, product)
  const amount = money(unitAmount, currency)
  const back =
    session.cancelUrl === null ? '' : `<p><a href="${escapeHtml(session.cancelUrl)}">← Back without paying</a></p>`
  if (session.status !== 'open') {
    const nothing = `<p>This checkout is ${session.status}. There is nothing to pay here.</p>`
    return page('Checkout', `${back}${brand(name)}`, nothing)
  }
  const next = day(periodEnd(world.now, recurring.interval, world.now))
  const { email, balance } = requireCustomer(world, session.customer)
  const { due, endingBalance } = applyBalance(unitAmount, balance)
  const today = money(due, currency)
  const later = money(applyBalance(unitAmount, endingBalance).due, currency)
  const applied = money(due - unitAmount, currency)
  return page(
    `Subscribe to ${name}`,
    `${back}${brand(name)}
  <h1>Subscribe to ${escapeHtml(name)}</h1>
  <p class="amount">${amount} per ${recurring.interval}</p>
  <table>
    <tr><td>${escapeHtml(name)}<small>Billed ${recurring.interval}ly, until you cancel</small></td><td>${amount}</td></tr>
    ${balance === 0 ? '' : `<tr><td>Applied balance</td><td>${applied}</td></tr>`}
    <tr class="total"><td>Due today</td><td>${today}</td></tr>
    <tr><td>Next charge, on ${next}</td><td>${later}</td></tr>
  </table>`,
    `${problem(message)}
  <form method="post">
    <h2>Contact</h2>
    <label>E-mail address <input type="email" readonly value="${escapeHtml(email ?? '')}"></label>
    <h2>Card</h2>
    ${cardFields}
    <button>Pay ${today}</button>
  </form>
  <p><small>You subscribe. ${amount} is charged each ${recurring.interval} until you cancel.</small></p>`,
  )
}
