import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import type { Operator } from '../../core/ports/tokens.ts'
import type { Answer } from '../_runtime/answer.ts'
import { findOperator } from '../_runtime/authenticate-operator.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint, publicEndpoint } from '../_runtime/endpoint.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { endedCookie, hostCookie, readCookie } from '../_runtime/session-cookie.ts'
import { cookieSeconds, operatorSessionLife } from '../accounts/session/session-life.ts'
import { requireListed, sessionListView } from '../accounts/session/views.ts'
import { beginHostedSignIn, finishHostedSignIn, type HostedSignInPorts, hostedSignInMinutes } from './hosted-sign-in.ts'
import type { OperatorSessionStore, OperatorSignIn } from './ports.ts'
import { type SessionViewPorts, sessionView } from './session-view.ts'
import { beginSignInByCode, finishSignInByCode, type SignInByCodePorts } from './sign-in-by-code.ts'
import { operatorSignInOperations as operations } from './sign-in-operations.ts'

export interface OperatorSignInPorts extends SignInByCodePorts, HostedSignInPorts, OperatorPorts, SessionViewPorts {
  readonly operatorSignIn: OperatorSignIn
  readonly operatorSessions: OperatorSessionStore
}

/** @throws {SitewrightError} `NotFound` on an installation that signs in otherwise. */
const requireMethod = <Method extends OperatorSignIn['method']>(way: OperatorSignIn, method: Method) => {
  const isIt = (one: OperatorSignIn): one is Extract<OperatorSignIn, { readonly method: Method }> =>
    one.method === method
  if (isIt(way)) return way
  throw new SitewrightError('NotFound', `Operators of this installation sign in with the method '${way.method}'.`)
}

const sessionCookie = (consoleUrl: string, token: string): string =>
  hostCookie(consoleUrl, 'operator', { value: token, maxAgeSeconds: cookieSeconds(operatorSessionLife) })

const hostedRoutes = (ports: OperatorSignInPorts): readonly HttpRoute[] => {
  const { consoleUrl, log } = ports
  const away = (location: string, ...cookies: readonly string[]): Answer => ({
    status: 302,
    headers: { location },
    cookies: [...cookies],
  })
  const logFailure = (error: unknown): void =>
    log.error({ event: 'operator-sign-in-failed', err: error }, 'an operator could not sign in')
  const back = (signIn: string): Answer => away(`/operator/?signIn=${signIn}`, endedCookie(consoleUrl, 'signIn'))
  return [
    publicEndpoint(operations.operatorBeginSignIn, async ({ query }, { sourceIp }) => {
      const way = requireMethod(ports.operatorSignIn, 'hosted')
      const begun = beginHostedSignIn(ports, way, { returnTo: query.returnTo, sourceIp })
      const { location, kept } = await begun.catch((error: unknown) => {
        if (!isErrorOfKind(error, 'RateLimited')) logFailure(error)
        throw error
      })
      return away(location, hostCookie(consoleUrl, 'signIn', { value: kept, maxAgeSeconds: hostedSignInMinutes * 60 }))
    }),
    publicEndpoint(operations.operatorFinishSignIn, async ({ query }, { sourceIp, userAgent, cookies }) => {
      const way = requireMethod(ports.operatorSignIn, 'hosted')
      const answer = new URLSearchParams(
        Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
      )
      const cookie = readCookie(consoleUrl, 'signIn', cookies)
      try {
        const result = await finishHostedSignIn(ports, way, { answer, cookie, caller: { sourceIp, userAgent } })
        if (result.outcome !== 'signed-in') {
          // The cookie may be of a sign-in in another tab, which continues.
          return result.outcome === 'expired' ? away('/operator/?signIn=expired') : back('refused')
        }
        const session = sessionCookie(consoleUrl, result.opened.token)
        return away(result.returnTo, endedCookie(consoleUrl, 'signIn'), session)
      } catch (error) {
        // A browser is here, which would show a problem as text.
        if (isErrorOfKind(error, 'RateLimited')) {
          log.info({ event: 'request-refused', kind: 'RateLimited' }, 'too many sign-ins of operators from a network')
          return back('limited')
        }
        logFailure(error)
        return back('unavailable')
      }
    }),
  ]
}

const codeRoutes = (ports: OperatorSignInPorts): readonly HttpRoute[] => [
  publicEndpoint(operations.operatorRequestCode, async ({ body }, { sourceIp }) => {
    const way = requireMethod(ports.operatorSignIn, 'code-and-totp')
    const { id, expiresAt } = await beginSignInByCode(ports, way, { email: body.email, sourceIp })
    return { status: 201, body: { id, expiresAt } }
  }),
  publicEndpoint(operations.operatorVerifyCode, async ({ params, body }, { sourceIp, userAgent }) => {
    const way = requireMethod(ports.operatorSignIn, 'code-and-totp')
    const { session, token } = await finishSignInByCode(ports, way, {
      id: params.id,
      code: body.code,
      password: body.totp,
      caller: { sourceIp, userAgent },
    })
    return { body: sessionView(ports, { ...session, session }), cookies: [sessionCookie(ports.consoleUrl, token)] }
  }),
]

const sessionRoutes = (ports: OperatorSignInPorts): readonly HttpRoute[] => {
  const { operatorSessions, operatorSignIn, clocks, consoleUrl } = ports
  const listOf = ({ operatorId }: Operator) => operatorSessions.listOf(operatorId, clocks.wall())
  return [
    operatorEndpoint(operations.operatorGetSession, ports, async (_input, { operator }) => ({
      body: sessionView(ports, operator),
    })),
    publicEndpoint(operations.operatorFindSession, async (_input, { cookies }) => {
      const operator = await findOperator(ports, cookies)
      return { body: { session: operator === undefined ? null : sessionView(ports, operator) } }
    }),
    operatorEndpoint(operations.operatorEndSession, ports, async (_input, { operator }) => {
      if (operator.session !== undefined) await operatorSessions.end(operator.session)
      const signOutUrl = operatorSignIn.method === 'hosted' ? operatorSignIn.provider.endUrl : null
      return { body: { signOutUrl }, cookies: [endedCookie(consoleUrl, 'operator')] }
    }),
    operatorEndpoint(operations.operatorListSessions, ports, async (_input, { operator }) => ({
      body: sessionListView(await listOf(operator), operator.session?.tokenHash, operatorSessionLife),
    })),
    operatorEndpoint(operations.operatorEndOtherSessions, ports, async (_input, { operator }) => {
      for (const other of await listOf(operator)) {
        if (other.tokenHash !== operator.session?.tokenHash) await operatorSessions.end(other)
      }
      return { status: 204 }
    }),
    operatorEndpoint(operations.operatorRevokeSession, ports, async ({ params }, { operator }) => {
      const revoked = requireListed(await listOf(operator), params.id)
      await operatorSessions.end(revoked)
      const isOwn = revoked.tokenHash === operator.session?.tokenHash
      return { status: 204, ...(isOwn ? { cookies: [endedCookie(consoleUrl, 'operator')] } : {}) }
    }),
  ]
}

/** Signs operators in, and is alone in opening and ending their sessions. */
export const create = (ports: OperatorSignInPorts) =>
  httpHandler(
    [
      publicEndpoint(operations.operatorGetSignInMethod, async () => ({
        body: { method: ports.operatorSignIn.method },
      })),
      ...hostedRoutes(ports),
      ...codeRoutes(ports),
      ...sessionRoutes(ports),
    ],
    ports,
  )
