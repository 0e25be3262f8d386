import type { DevelopmentIssuer } from '../../adapters/oidc/development-issuer.ts'
import { SitewrightError } from '../../core/errors.ts'
import { hostCookie } from '../../lambdas/_runtime/session-cookie.ts'
import { cookieSeconds, operatorSessionLife } from '../../lambdas/accounts/session/session-life.ts'
import type { AuditingPorts } from '../../lambdas/operators/audit/audit-entry.ts'
import { newOperatorSession } from '../../lambdas/operators/operator-session.ts'
import type { OperatorSessionStore } from '../../lambdas/operators/ports.ts'
import type { BuiltInZone } from '../built-in-zone.ts'
import { standInPath } from '../open-stripe-stand-in.ts'
import {
  type ClockParts,
  dnsPath,
  operatorSchema,
  serveClock,
  serveDns,
  serveJson,
  serveOperators,
  servePreview,
} from './local-endpoints.ts'
import { peerAddress } from './peer-address.ts'
import { readJsonBody } from './read-body.ts'
import type { Serve } from './send-result.ts'

interface SessionParts extends AuditingPorts {
  readonly operatorSessions: Pick<OperatorSessionStore, 'open'>
  readonly operatorIdOf: (email: string) => string
  readonly consoleUrl: string
}

/** Opens an operator's session in a browser on this machine: `POST {"email", "role"}` sets its cookie. */
export const serveOperatorSession = (parts: SessionParts): Serve =>
  serveJson('POST', async (request) => {
    if (request.method !== 'POST') throw new SitewrightError('MethodNotAllowed', 'This path allows POST.')
    const { email, role } = await readJsonBody(request, operatorSchema)
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
