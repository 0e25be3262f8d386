import { finder } from './api/endpoint.ts'
import { paySession } from './billing/checkout.ts'
import { changeCard, payInvoice } from './billing/collecting.ts'
import { invalidRequest, StripeFault } from './fault.ts'
import { pagePolicy } from './page.ts'
import { invoicePage, payPage, portalPage } from './pages.ts'
import { testCard } from './resources/cards.ts'
import { requireSession } from './resources/checkout-sessions.ts'
import { requireCustomer } from './resources/customers.ts'
import { requireInvoice } from './resources/invoices.ts'
import { configurations, type PortalSession, portalSessions } from './resources/portal.ts'
import { endByDate, goOn, requireSubscription } from './resources/subscriptions.ts'
import type { Asked, Result, StandIn } from './stand-in.ts'
import type { World } from './world.ts'

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

const requirePortal = finder(portalSessions.get, 'billing_portal.session')

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

/** Does what a form asks for, and shows its page again, with what was wrong. */
const actOnPage = (
  standIn: StandIn,
  work: (world: World) => void,
  render: (world: World, message: string | undefined) => string,
): Result => {
  let message: string | undefined
  try {
    standIn.step(work)
  } catch (error) {
    message = messageOf(error)
  }
  return standIn.step((world) => html(message === undefined ? 200 : 402, render(world, message)))
}

const usePortal = (standIn: StandIn, id: string, form: URLSearchParams): Result =>
  actOnPage(
    standIn,
    (world) => actInPortal(world, requirePortal(world, id), form),
    (world, message) => portalPage(world, requirePortal(world, id), message),
  )

const payOnPage = (standIn: StandIn, id: string, form: URLSearchParams): Result => {
  const card = form.get('card')
  return actOnPage(
    standIn,
    (world) => payInvoice(world, requireInvoice(world, id), card === null ? undefined : testCard(card)),
    (world, message) => invoicePage(requireInvoice(world, id), message),
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
