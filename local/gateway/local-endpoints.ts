import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import type { StoredMessage } from '../../adapters/mailbox/spool.ts'
import type { DevelopmentIssuer } from '../../adapters/oidc/development-issuer.ts'
import { emailSchema } from '../../core/email.ts'
import { SitewrightError } from '../../core/errors.ts'
import { operatorRoles } from '../../core/events/actor.ts'
import type { Clock } from '../../core/ports/context.ts'
import { escapeHtml } from '../../core/text.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { type Offers, senderOf } from '../../lambdas/offers/offers.ts'
import { type BuiltInZone, type ZoneRecords, zoneName } from '../built-in-zone.ts'
import type { ClockTurner } from '../clock/turn-clock.ts'
import { type PreviewFacts, previewMails } from './mail-preview.ts'
import { readJsonBody } from './read-body.ts'
import { type Serve, sendResult } from './send-result.ts'

/** The page runs and loads nothing, whatever a mail contains. Frames get the page's own policy. */
export const mailboxPagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  html { color: light-dark(#1b1b1f, #e8e8ee); background: light-dark(#fff, #131316) }
  a { color: light-dark(#2f3bb8, #b3bcff) }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 1rem 0; overflow-wrap: anywhere }
  h2 { font-size: 1.1rem; margin: 0 }
  pre { white-space: pre-wrap; font: inherit }
  iframe { width: 100%; height: 30rem; border: 1px solid #8886; background: #fff }
  .about { color: light-dark(#5c5c66, #a3a3ad); font-size: .9rem; margin: 0 }
  .code { font: 600 1.6rem/1.2 ui-monospace, monospace; letter-spacing: .15em }
`

const isWebAddress = (link: string): boolean => ['http:', 'https:'].includes(URL.parse(link)?.protocol ?? '')

const renderLink = (link: string): string =>
  isWebAddress(link)
    ? `<li><a href="${escapeHtml(link)}" rel="noreferrer">${escapeHtml(link)}</a></li>`
    : `<li>${escapeHtml(link)}</li>`

/** The frame's own address is nothing: its links open beside it. */
const inNewTab = (html: string): string => html.replace('<head>', '<head><base target="_blank">')

const renderMessage = (message: StoredMessage): string => `
  <article id="${escapeHtml(message.id)}">
    <h2>${escapeHtml(message.subject)}</h2>
    <p class="about">to ${escapeHtml(message.to)} · <time datetime="${escapeHtml(message.sentAt)}">${escapeHtml(message.sentAt)}</time> · ${message.status}${message.lastError === undefined ? '' : `: ${escapeHtml(message.lastError)}`}</p>
    ${message.code === undefined ? '' : `<p class="code">${escapeHtml(message.code)}</p>`}
    ${message.links.length === 0 ? '' : `<ul>${message.links.map(renderLink).join('')}</ul>`}
    ${
      message.html === ''
        ? `<pre>${escapeHtml(message.text)}</pre>`
        : `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="the mail as HTML" srcdoc="${escapeHtml(inNewTab(message.html))}"></iframe>
    <details><summary>as text</summary><pre>${escapeHtml(message.text)}</pre></details>`
    }
  </article>`

/** The sent mail, in the order given, as an HTML page. Serve it with `mailboxPagePolicy`. */
export const mailboxPage = (
  messages: readonly StoredMessage[],
  filter: { readonly to?: string } = {},
): string => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Mail · Sitewright</title>
  <style>${style}</style>
</head>
<body>
<main>
  <h1>Mail</h1>
  <form>
    <label>Only to <input name="to" type="text" inputmode="email" value="${escapeHtml(filter.to ?? '')}"></label>
    <button>Show</button>
    <a href="/_local/mail/preview">Every mail with sample data</a>
  </form>
  ${messages.length === 0 ? '<p>No mail yet.</p>' : messages.map(renderMessage).join('')}
</main>
</body>
</html>
`

interface Answer {
  readonly statusCode: number
  readonly body?: object
  readonly cookies?: readonly string[]
}

/** Serves answers as JSON and refusals as problems; `methods` appear in the refusal of another method. */
export const serveJson =
  (methods: string, answer: (request: IncomingMessage, url: URL) => Promise<Answer>): Serve =>
  async (request, response, url) => {
    response.setHeader('cache-control', 'no-store')
    try {
      const { statusCode, body, cookies = [] } = await answer(request, url)
      const content =
        body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      sendResult(request, response, { statusCode, cookies: [...cookies], ...content })
    } catch (error) {
      const known = error instanceof URIError ? new SitewrightError('InvalidRequest', 'The path is not valid.') : error
      if (!(known instanceof SitewrightError)) throw known
      if (known.kind === 'MethodNotAllowed') response.setHeader('allow', methods)
      sendResult(request, response, problemResponse(known))
    }
  }

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

const sendMailPage = (response: ServerResponse, page: string): void => {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('content-security-policy', mailboxPagePolicy)
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(page)
}

/** Shows every mail to visitors and owners with sample data, as the offer `?offer=` sends it in the `?language=`. */
export const servePreview =
  (
    facts: Omit<PreviewFacts, 'now'> & {
      readonly offers: Pick<Offers, 'find'>
      readonly clocks: { readonly wall: Clock }
    },
  ): Serve =>
  async (_request, response, url) => {
    const language = url.searchParams.get('language') ?? 'en'
    const brand = senderOf(facts.offers.find(url.searchParams.get('offer') ?? undefined), { language })
    sendMailPage(response, mailboxPage(previewMails({ ...facts, ...brand, now: facts.clocks.wall() })))
  }

/** Shows the sent mail: to a browser as a page, to others as JSON. */
export const serveMailbox = async (
  mailbox: Omit<Mailbox, 'find'>,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> => {
  const to = url.searchParams.get('to')
  const filter = to === null || to === '' ? {} : { to }
  const messages = await mailbox.list(filter)
  if (request.headers.accept?.includes('text/html')) return sendMailPage(response, mailboxPage(messages, filter))
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ messages }))
}

export const operatorSchema = z.strictObject({
  email: emailSchema,
  role: z.enum(operatorRoles, `must be one of: ${operatorRoles.join(', ')}`),
})

/** Issues an operator's token: `POST {"email", "role"}` answers `{token, operatorId, expiresAt}`. */
export const serveOperators = (issuer: DevelopmentIssuer): Serve =>
  serveJson('POST', async (request) => {
    if (request.method !== 'POST') throw new SitewrightError('MethodNotAllowed', 'This path allows POST.')
    return { statusCode: 201, body: await issuer.issue(await readJsonBody(request, operatorSchema)) }
  })

const advanceSchema = z.strictObject({ advance: z.string().max(100) })

export interface ClockParts {
  readonly now: Clock
  readonly turner: Pick<ClockTurner, 'turn'>
  /** Whether Stripe collects payments. Its clock cannot be advanced. */
  readonly hasStripeKey: boolean
}

/** `GET` shows the domain clock; `POST {"advance":"P14D"}` advances it and answers when the work is done. */
export const serveClock = ({ now, turner, hasStripeKey }: ClockParts): Serve =>
  serveJson('GET, HEAD, POST', async (request) => {
    if (isRead(request)) return { statusCode: 200, body: { now: now() } }
    if (request.method !== 'POST') throw new SitewrightError('MethodNotAllowed', 'This path allows GET and POST.')
    const { advance } = await readJsonBody(request, advanceSchema)
    if (hasStripeKey) {
      throw new SitewrightError(
        'TransitionNotAllowed',
        'STRIPE_SECRET_KEY is set, and the clock of Stripe cannot be advanced.',
      )
    }
    return { statusCode: 200, body: await turner.turn(advance) }
  })

/** The name of a record: labels of letters, digits, hyphens and underscores. */
const name = z
  .string()
  .max(254)
  .regex(/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i, 'must be a name in ASCII')
  .transform(zoneName)
const text = z.string().max(2000)

const recordsSchema = z.strictObject({
  TXT: z.union([text.transform((only) => [only]), z.array(text).max(50)]).default([]),
  CNAME: name.optional(),
  A: z.array(z.ipv4()).max(20).default([]),
})

export const dnsPath = '/_local/dns/'

const nameOf = (url: URL): string => {
  const read = name.safeParse(decodeURIComponent(url.pathname.slice(dnsPath.length)))
  if (read.success) return read.data
  throw new SitewrightError('InvalidRequest', 'The path must end with a name, such as www.example.com.')
}

const put = async (zone: BuiltInZone, request: IncomingMessage, at: string): Promise<Answer> => {
  const { TXT, CNAME, A } = await readJsonBody(request, recordsSchema)
  const records: ZoneRecords = { TXT, A, ...(CNAME === undefined ? {} : { CNAME }) }
  await zone.set(at, records)
  return { statusCode: 200, body: { name: at, ...records } }
}

/**
 * Edits the built-in DNS: `PUT {"TXT", "CNAME"}` replaces all records of a name, `DELETE` removes them, and `GET` shows those
 * of one name or, without a name, all.
 */
export const serveDns = (zone: BuiltInZone): Serve =>
  serveJson('DELETE, GET, HEAD, PUT', async (request, url) => {
    if (isRead(request) && url.pathname === dnsPath) return { statusCode: 200, body: { names: zone.all() } }
    const at = nameOf(url)
    if (request.method === 'PUT') return put(zone, request, at)
    if (request.method === 'DELETE') {
      await zone.remove(at)
      return { statusCode: 204 }
    }
    if (!isRead(request)) throw new SitewrightError('MethodNotAllowed', 'This path allows GET, PUT and DELETE.')
    const records = zone.find(at)
    if (records === undefined) throw new SitewrightError('NotFound', `${at} has no records.`)
    return { statusCode: 200, body: { name: at, ...records } }
  })
