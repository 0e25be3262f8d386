import { changeCard } from './billing/collecting.ts'
import { payInvoice, paySession } from './billing/subscription-life.ts'
import { invalidRequest, noSuch, StripeFault } from './fault.ts'
import { paymentMethods, testCard } from './resources/cards.ts'
import { type CheckoutSession, requireSession } from './resources/checkout-sessions.ts'
import { requireCustomer } from './resources/customers.ts'
import { type Invoice, invoices, invoiceTotal, requireInvoice } from './resources/invoices.ts'
import { configurations, type PortalSession, portalSessions } from './resources/portal.ts'
import { prices } from './resources/prices.ts'
import { products } from './resources/products.ts'
import {
  endByDate,
  goOn,
  isOver,
  requireSubscription,
  type Subscription,
  subscriptions,
} from './resources/subscriptions.ts'
import type { Asked, Result, StandIn } from './stand-in.ts'
import type { World } from './world.ts'

const entities = new Map(Object.entries({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }))

/** Text as it may stand in an HTML element or a quoted attribute. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? sign)

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 30rem; margin: 2rem auto; padding: 0 1rem }
  form { margin: 1rem 0 }
  label { display: block; margin: .5rem 0 }
  input[name=card] { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem }
  button { font: inherit; padding: .4rem .8rem }
  table { border-collapse: collapse; width: 100% }
  td { border-top: 1px solid #8886; padding: .3rem .5rem .3rem 0 }
  .amount { font-size: 1.6rem; font-weight: 600; margin: 0 }
  .problem { border-left: .25rem solid #c33; padding-left: .75rem }
  .about { opacity: .75; font-size: .9rem }
`

/** A page runs and loads nothing. Its form may redirect to the customer's site. */
const pagePolicy = (...redirects: readonly string[]): string => {
  const origins = redirects.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : []))
  return `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action ${["'self'", ...origins].join(' ')}`
}

/** A page of the stand-in; `content` is HTML. */
const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${escapeHtml(title)} · stand-in for Stripe</title>
  <style>${style}</style>
</head>
<body>
  <h1>${escapeHtml(title)}</h1>
  ${content}
  <p class="about">This page stands in for Stripe on this machine. No money moves, and only test cards are taken:
  4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0000 0000 0341 can be kept and fails later,
  4000 0027 6000 3184 has to be confirmed.
  DE08 3704 0044 0532 0130 03 is an account that pays after three minutes, DE78 3704 0044 0532 0130 04 one that declines then.</p>
</body>
</html>
`

/** An amount of minor units, as people read it. */
const money = (amount: number, currency: string): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100)

/** A day of an instant in seconds since 1970. */
const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

const problem = (message: string | undefined): string =>
  message === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(message)}</p>`

const cardField =
  '<label>Card number <input name="card" inputmode="numeric" autocomplete="off" required value="4242 4242 4242 4242"></label>'

/** The page of a checkout. */
const payPage = (world: World, session: CheckoutSession, message?: string): string => {
  const price = prices.require(world, session.price)
  const back =
    session.cancelUrl === null ? '' : `<p><a href="${escapeHtml(session.cancelUrl)}">Back without paying</a></p>`
  if (session.status !== 'open') {
    return page('Checkout', `<p>This checkout is ${session.status}. There is nothing to pay here.</p>${back}`)
  }
  return page(
    `Subscribe to ${products.require(world, price.product).name}`,
    `<p class="amount">${escapeHtml(money(price.unitAmount, price.currency))} per ${price.recurring.interval}</p>
  ${problem(message)}
  <form method="post">
    ${cardField}
    <button>Subscribe</button>
  </form>
  ${back}`,
  )
}

const button = (action: string, id: string, label: string): string => `<form method="post">
    <input type="hidden" name="action" value="${action}">
    <input type="hidden" name="subscription" value="${escapeHtml(id)}">
    <button>${label}</button>
  </form>`

const renderSubscription = (world: World, subscription: Subscription, cancels: boolean): string => {
  const { id, status, item, cancelAt } = subscription
  const price = prices.require(world, item.price)
  const isEnded = isOver(subscription)
  const end = cancelAt === null ? `next period from ${day(item.periodEnd)}` : `ends ${day(cancelAt)}`
  return `<section>
  <h2>${escapeHtml(products.require(world, price.product).name)}</h2>
  <p>${escapeHtml(money(price.unitAmount, price.currency))} per ${price.recurring.interval} · ${status}${isEnded ? '' : ` · ${end}`}</p>
  ${isEnded || !cancels ? '' : button(cancelAt === null ? 'cancel' : 'resume', id, cancelAt === null ? 'Cancel at the end of the period' : 'Do not cancel')}
  </section>`
}

const renderInvoices = (world: World, customer: string): string => {
  const rows = invoices
    .list(world, customer)
    .filter(({ status }) => status !== 'draft')
    .map(
      (invoice) =>
        `<tr><td>${day(invoice.created)}</td><td>${escapeHtml(money(invoiceTotal(invoice), invoice.currency))}</td><td>${invoice.status}</td></tr>`,
    )
  return `<h2>Invoices</h2>${rows.length === 0 ? '<p>None yet.</p>' : `<table>${rows.join('')}</table>`}`
}

/** The page of an invoice: its receipt, its bank's confirmation, or another card. */
const invoicePage = (invoice: Invoice, message?: string): string => {
  const { amountDue, amountPaid, currency, status, paidAt, lines } = invoice
  if (status === 'paid' && paidAt !== null) {
    const rows = lines.map(
      ({ description, amount }) =>
        `<tr><td>${escapeHtml(description)}</td><td>${escapeHtml(money(amount, currency))}</td></tr>`,
    )
    return page(
      'Receipt',
      `<p class="amount">${escapeHtml(money(amountPaid, currency))}</p>
  <p>This invoice is paid. There is nothing to pay here.</p>
  <p>Paid on ${day(paidAt)} · invoice ${escapeHtml(invoice.id)}</p><table>${rows.join('')}</table>`,
    )
  }
  if (status !== 'open') return page('Invoice', `<p>This invoice is ${status}. There is nothing to pay here.</p>`)
  return page(
    'Invoice',
    `<p class="amount">${escapeHtml(money(amountDue, currency))}</p>
  ${problem(message)}
  <form method="post"><button>Confirm with your bank</button></form>
  <form method="post">${cardField}<button>Pay with this card</button></form>`,
  )
}

/** The page of the customer portal. */
const portalPage = (world: World, { customer, configuration, returnUrl }: PortalSession, message?: string): string => {
  const { cancels, changesCard, showsInvoices } = configurations.require(world, configuration)
  const [card] = paymentMethods.list(world, customer)
  const rendered = subscriptions.list(world, customer).map((each) => renderSubscription(world, each, cancels))
  const cardForm = `<h2>Card</h2>
  <p>${card === undefined ? 'No card yet.' : `${card.brand} ending in ${escapeHtml(card.last4)}`}</p>
  <form method="post"><input type="hidden" name="action" value="card">${cardField}<button>Use this card</button></form>`
  return page(
    'Billing',
    `${problem(message)}
  ${rendered.join('')}
  ${changesCard ? cardForm : ''}
  ${showsInvoices ? renderInvoices(world, customer) : ''}
  ${returnUrl === null ? '' : `<p><a href="${escapeHtml(returnUrl)}">Back</a></p>`}`,
  )
}

const html = (statusCode: number, body: string, ...redirects: readonly string[]): Result => ({
  statusCode,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': pagePolicy(...redirects),
    // Without a referrer, browsers send no origin with a form, and the host takes it for a foreign page's.
    'referrer-policy': 'same-origin',
  },
  body,
})

/** The problem with a card, in Stripe's words. */
const messageOf = (error: unknown): string => {
  if (error instanceof StripeFault && error.status < 500) return error.message
  throw error
}

const pay = (standIn: StandIn, id: string, form: URLSearchParams): Result => {
  try {
    const card = testCard(form.get('card') ?? '')
    const { successUrl } = standIn.step((world) => paySession(world, requireSession(world, id), card))
    return { statusCode: 303, headers: { location: successUrl.replaceAll('{CHECKOUT_SESSION_ID}', id) }, body: '' }
  } catch (error) {
    const message = messageOf(error)
    return standIn.step((world) => {
      const session = requireSession(world, id)
      return html(402, payPage(world, session, message), session.successUrl)
    })
  }
}

const requirePortal = (world: World, id: string): PortalSession => {
  const session = portalSessions.get(world, id)
  if (session === undefined) throw noSuch('billing_portal.session', id)
  return session
}

const actInPortal = (world: World, session: PortalSession, form: URLSearchParams): void => {
  const { changesCard, cancels } = configurations.require(world, session.configuration)
  const action = form.get('action')
  if (action === 'card' && changesCard) {
    changeCard(world, requireCustomer(world, session.customer), testCard(form.get('card') ?? ''))
    return
  }
  const subscription = requireSubscription(world, form.get('subscription') ?? '')
  if (subscription.customer !== session.customer || !cancels) throw invalidRequest('Not possible here.')
  if (action === 'cancel') endByDate(world, subscription)
  else if (action === 'resume') goOn(world, subscription)
  else throw invalidRequest('Not possible here.')
}

const usePortal = (standIn: StandIn, id: string, form: URLSearchParams): Result => {
  let message: string | undefined
  try {
    standIn.step((world) => actInPortal(world, requirePortal(world, id), form))
  } catch (error) {
    message = messageOf(error)
  }
  return standIn.step((world) =>
    html(message === undefined ? 200 : 402, portalPage(world, requirePortal(world, id), message)),
  )
}

const payOnPage = (standIn: StandIn, id: string, form: URLSearchParams): Result => {
  let message: string | undefined
  try {
    const card = form.get('card')
    standIn.step((world) => payInvoice(world, requireInvoice(world, id), card === null ? undefined : testCard(card)))
  } catch (error) {
    message = messageOf(error)
  }
  return standIn.step((world) =>
    html(message === undefined ? 200 : 402, invoicePage(requireInvoice(world, id), message)),
  )
}

const show = (standIn: StandIn, what: string, id: string): Result =>
  standIn.step((world) => {
    if (what === 'invoice') return html(200, invoicePage(requireInvoice(world, id)))
    if (what === 'portal') return html(200, portalPage(world, requirePortal(world, id)))
    const session = requireSession(world, id)
    return html(200, payPage(world, session), session.successUrl)
  })

/** Answers for the pages of checkout, invoice and portal; undefined if the path is not of a page. */
export const servePages = (standIn: StandIn, { method, path, body }: Asked): Result | undefined => {
  const { what = '', id = '' } = /^\/(?<what>invoice|pay|portal)\/(?<id>[^/]+)$/.exec(path)?.groups ?? {}
  if (what === '') return undefined
  if (method === 'GET' || method === 'HEAD') return show(standIn, what, id)
  if (method !== 'POST') return undefined
  const form = new URLSearchParams(body)
  if (what === 'invoice') return payOnPage(standIn, id, form)
  return what === 'pay' ? pay(standIn, id, form) : usePortal(standIn, id, form)
}
