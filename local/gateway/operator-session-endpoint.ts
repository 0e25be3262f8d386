import { SitewrightError } from '../../core/errors.ts'
import { hostCookie } from '../../lambdas/_runtime/session-cookie.ts'
import { cookieSeconds, operatorSessionLife } from '../../lambdas/accounts/session/session-life.ts'
import type { AuditingPorts } from '../../lambdas/operators/audit/audit-entry.ts'
import { newOperatorSession } from '../../lambdas/operators/operator-session.ts'
import type { OperatorSessionStore } from '../../lambdas/operators/ports.ts'
import { operatorSchema, serveJson } from './local-endpoints.ts'
import { peerAddress } from './peer-address.ts'
import { readJsonBody } from './read-body.ts'
import type { Serve } from './send-result.ts'

export interface SessionParts extends AuditingPorts {
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
