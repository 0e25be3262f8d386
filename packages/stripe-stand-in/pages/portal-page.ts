import { invoiceTotal } from '../objects/invoice-object.ts'
import type { PortalSession } from '../records/portal-session.ts'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'
import { cardField, day, escapeHtml, money, page, problem } from './page.ts'

const button = (action: string, id: string, label: string): string => `<form method="post">
    <input type="hidden" name="action" value="${action}">
    <input type="hidden" name="subscription" value="${escapeHtml(id)}">
    <button>${label}</button>
  </form>`

const renderSubscription = ({ records }: World, subscription: Subscription, cancels: boolean): string => {
  const { id, status, item, cancelAt } = subscription
  const price = records.prices.change(item.price, {})
  const name = records.products.get(price.product)?.name ?? price.id
  const isOver = status === 'canceled' || status === 'incomplete_expired'
  const end = cancelAt === null ? `next period from ${day(item.periodEnd)}` : `ends ${day(cancelAt)}`
  return `<section>
  <h2>${escapeHtml(name)}</h2>
  <p>${escapeHtml(money(price.unitAmount * item.quantity, price.currency))} per ${price.recurring?.interval ?? 'purchase'} · ${status}${isOver ? '' : ` · ${end}`}</p>
  ${isOver || !cancels ? '' : button(cancelAt === null ? 'cancel' : 'resume', id, cancelAt === null ? 'Cancel at the end of the period' : 'Do not cancel')}
  </section>`
}

const renderInvoices = ({ records }: World, customer: string): string => {
  const rows = records.invoices
    .list(customer)
    .filter(({ status }) => status !== 'draft')
    .map(
      (invoice) =>
        `<tr><td>${day(invoice.created)}</td><td>${escapeHtml(invoice.number ?? '')}</td><td>${escapeHtml(money(invoiceTotal(invoice), invoice.currency))}</td><td>${invoice.status}</td></tr>`,
    )
  return `<h2>Invoices</h2>${rows.length === 0 ? '<p>None yet.</p>' : `<table>${rows.join('')}</table>`}`
}

/** Where somebody looks after what they subscribed to. */
export const portalPage = (world: World, session: PortalSession, message?: string): string => {
  const { records } = world
  const configuration = records.configurations.change(session.configuration, {})
  const customer = records.customers.change(session.customer, {})
  const card = records.paymentMethods.list(session.customer)[0]
  const subscriptions = records.subscriptions
    .list(customer.id)
    .map((subscription) => renderSubscription(world, subscription, configuration.cancels))
  const cardForm = `<h2>Card</h2>
  <p>${card === undefined ? 'No card yet.' : `${card.brand} ending in ${escapeHtml(card.last4)}`}</p>
  <form method="post"><input type="hidden" name="action" value="card">${cardField}<button>Use this card</button></form>`
  return page(
    configuration.headline ?? 'Billing',
    `${problem(message)}
  ${subscriptions.join('')}
  ${configuration.changesCard ? cardForm : ''}
  ${configuration.showsInvoices ? renderInvoices(world, customer.id) : ''}
  ${session.returnUrl === null ? '' : `<p><a href="${escapeHtml(session.returnUrl)}">Back</a></p>`}`,
  )
}
