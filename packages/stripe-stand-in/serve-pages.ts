import { requireSession } from './api/checkout-sessions.ts'
import { requireCustomer } from './api/customers.ts'
import { requireInvoice } from './api/invoices.ts'
import { requireSubscription } from './api/subscriptions.ts'
import type { Asked, Result } from './asked.ts'
import { changeCard } from './billing/change-card.ts'
import { paySession } from './billing/pay-session.ts'
import { endBy, goOn } from './billing/set-end.ts'
import { fingerprintOf } from './fingerprint.ts'
import { invoicePage } from './pages/invoice-page.ts'
import { pagePolicy } from './pages/page.ts'
import { payPage } from './pages/pay-page.ts'
import { portalPage } from './pages/portal-page.ts'
import type { PortalSession } from './records/portal-session.ts'
import type { StandIn } from './stand-in.ts'
import { invalidRequest, noSuch, StripeFault } from './stripe-fault.ts'
import { testCard } from './test-cards.ts'
import type { World } from './world.ts'

const html = (statusCode: number, body: string, ...leadsTo: readonly (string | null)[]): Result => ({
  statusCode,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': pagePolicy(...leadsTo),
    // Without any, browsers name no origin with a form, and then it is taken for a foreign page's.
    'referrer-policy': 'same-origin',
  },
  body,
})

const seeOther = (location: string): Result => ({ statusCode: 303, headers: { location }, body: '' })

/** What went wrong with a card, for the page to say. */
const messageOf = (error: unknown): string => {
  if (error instanceof StripeFault && error.status < 500) return error.message
  throw error
}

const pay = (standIn: StandIn, id: string, form: URLSearchParams): Result => {
  const card = form.get('card') ?? ''
  try {
    const { successUrl } = standIn.step((world) =>
      paySession(world, requireSession(world, id), testCard(card), fingerprintOf(card)),
    )
    return seeOther((successUrl ?? '').replaceAll('{CHECKOUT_SESSION_ID}', id))
  } catch (error) {
    const message = messageOf(error)
    return standIn.step((world) => {
      const session = requireSession(world, id)
      return html(402, payPage(world, session, message), session.successUrl)
    })
  }
}

const requirePortal = ({ records }: World, id: string): PortalSession => {
  const session = records.portalSessions.get(id)
  if (session === undefined) throw noSuch('billing_portal.session', id)
  return session
}

const actInPortal = (world: World, session: PortalSession, form: URLSearchParams): void => {
  const configuration = world.records.configurations.change(session.configuration, {})
  const action = form.get('action')
  if (action === 'card' && configuration.changesCard) {
    const card = form.get('card') ?? ''
    changeCard(world, requireCustomer(world, session.customer), testCard(card), fingerprintOf(card))
    return
  }
  const subscription = requireSubscription(world, form.get('subscription') ?? '')
  if (subscription.customer !== session.customer || !configuration.cancels) throw invalidRequest('Not possible here.')
  if (action === 'cancel') endBy(world, subscription, subscription.item.periodEnd)
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

const show = (standIn: StandIn, what: string, id: string): Result =>
  standIn.step((world) => {
    if (what === 'invoices') return html(200, invoicePage(requireInvoice(world, id)))
    if (what === 'portal') return html(200, portalPage(world, requirePortal(world, id)))
    const session = requireSession(world, id)
    return html(200, payPage(world, session), session.successUrl)
  })

/** @returns undefined where there is no page. */
export const servePages = (standIn: StandIn, { method, path, body }: Asked): Result | undefined => {
  const { what = '', id = '' } = /^\/(?<what>pay|portal|invoices)\/(?<id>[^/]+)$/.exec(path)?.groups ?? {}
  if (what === '') return undefined
  if (method === 'GET' || method === 'HEAD') return show(standIn, what, id)
  if (method !== 'POST' || what === 'invoices') return undefined
  const form = new URLSearchParams(body)
  return what === 'pay' ? pay(standIn, id, form) : usePortal(standIn, id, form)
}
