import type { IncomingMessage } from 'node:http'
import * as z from 'zod'
import type { DevelopmentIssuer } from '../../adapters/oidc/development-issuer.ts'
import { emailSchema } from '../../core/email.ts'
import { refuse, SitewrightError } from '../../core/errors.ts'
import { operatorRoles } from '../../core/events/actor.ts'
import type { Clock } from '../../core/ports/context.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { hostCookie } from '../../lambdas/_runtime/session-cookie.ts'
import { cookieSeconds, operatorSessionLife } from '../../lambdas/accounts/session/session-life.ts'
import type { AuditingPorts } from '../../lambdas/operators/audit/audit-entry.ts'
import { newOperatorSession } from '../../lambdas/operators/operator-session.ts'
import type { OperatorSessionStore } from '../../lambdas/operators/ports.ts'
import { type BuiltInZone, type ZoneRecords, zoneName } from '../built-in-zone.ts'
import type { ClockTurner } from '../clock/turn-clock.ts'
import { standInPath } from '../open-payments.ts'
import { servePreview } from './mailbox-page.ts'
import { peerAddress } from './peer-address.ts'
import { readJsonBody } from './read-body.ts'
import { type Serve, sendResult } from './send-result.ts'

interface Answer {
  readonly statusCode: number
  readonly body?: object
  readonly cookies?: readonly string[]
}

/** Serves answers as JSON and refusals as problems; `methods` appear in the refusal of another method. */
const serveJson =
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

const operatorSchema = z.strictObject({
  email: emailSchema,
  role: z.enum(operatorRoles, `must be one of: ${operatorRoles.join(', ')}`),
})

const postedOperator = (request: IncomingMessage): Promise<z.output<typeof operatorSchema>> => {
  if (request.method !== 'POST') throw new SitewrightError('MethodNotAllowed', 'This path allows POST.')
  return readJsonBody(request, operatorSchema)
}

/** Issues an operator's token: `POST {"email", "role"}` answers `{token, operatorId, expiresAt}`. */
export const serveOperators = (issuer: DevelopmentIssuer): Serve =>
  serveJson('POST', async (request) => ({ statusCode: 201, body: await issuer.issue(await postedOperator(request)) }))

const advanceSchema = z.strictObject({ advance: z.string().max(100) })

interface ClockParts {
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
    if (hasStripeKey) return refuse('STRIPE_SECRET_KEY is set, and the clock of Stripe cannot be advanced.')
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

const dnsPath = '/_local/dns/'

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

interface SessionParts extends AuditingPorts {
  readonly operatorSessions: Pick<OperatorSessionStore, 'open'>
  readonly operatorIdOf: (email: string) => string
  readonly consoleUrl: string
}

/** Opens an operator's session in a browser on this machine: `POST {"email", "role"}` sets its cookie. */
export const serveOperatorSession = (parts: SessionParts): Serve =>
  serveJson('POST', async (request) => {
    const { email, role } = await postedOperator(request)
    const operatorId = parts.operatorIdOf(email)
    const caller = { sourceIp: peerAddress(request), userAgent: request.headers['user-agent'] }
    const known = { operatorId, email, role, listedAs: 'this-machine' }
    const { session, token, entry } = newOperatorSession(parts, known, caller)
    await parts.operatorSessions.open(session, entry)
    const maxAgeSeconds = cookieSeconds(operatorSessionLife)
    return {
      statusCode: 201,
      body: { operatorId, role, expiresAt: session.expiresAt },
      cookies: [hostCookie(parts.consoleUrl, 'operator', { value: token, maxAgeSeconds })],
    }
  })

/** The endpoints below `/_local/`, by path. They need no sign-in, so they answer this machine alone. */
export const ownEndpoints = ({
  operators,
  ports,
  zone,
  stripe,
  clock,
}: {
  readonly operators: DevelopmentIssuer
  readonly ports: SessionParts & Parameters<typeof servePreview>[0]
  readonly zone: BuiltInZone
  /** The stand-in for Stripe. */
  readonly stripe: { readonly serve: Serve } | undefined
  readonly clock: ClockParts
}): Readonly<Record<`/_local/${string}`, Serve>> => ({
  '/_local/operators': serveOperators(operators),
  '/_local/operators/session': serveOperatorSession(ports),
  [dnsPath]: serveDns(zone),
  ...(stripe === undefined ? {} : { [`${standInPath}/`]: stripe.serve }),
  '/_local/clock': serveClock(clock),
  '/_local/mail/preview': servePreview(ports),
})
