import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SitewrightError } from '../../core/errors.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { SessionStore } from '../../core/ports/stores.ts'
import type { Session } from '../../core/signup/signup.ts'
import { tokenHash } from '../../core/signup/verify-signup.ts'
import { sessionCookieName } from './session-cookie.ts'

export interface AuthenticationPorts {
  readonly sessions: Pick<SessionStore, 'find'>
  readonly clocks: Clocks
  readonly consoleUrl: string
}

interface Credentials {
  readonly token: string
  readonly from: 'header' | 'cookie'
}

const cookieToken = (consoleUrl: string, cookies: readonly string[] = []): string | undefined => {
  for (const cookie of cookies) {
    const [name, value] = cookie.split('=', 2)
    if (name?.trim() === sessionCookieName(consoleUrl)) return value?.trim()
  }
  return undefined
}

const credentialsOf = ({ headers, cookies }: APIGatewayProxyEventV2, consoleUrl: string): Credentials | undefined => {
  const bearer = /^Bearer +([\w-]+)$/i.exec(headers['authorization'] ?? '')?.[1]
  if (bearer !== undefined) return { token: bearer, from: 'header' }
  const token = headers['authorization'] === undefined ? cookieToken(consoleUrl, cookies) : undefined
  return token === undefined ? undefined : { token, from: 'cookie' }
}

/**
 * A browser sends cookies with requests of any page, so a page of another origin must not use them.
 * @throws {SitewrightError} `Forbidden` for a cookie that another origin brought.
 */
export const requireOwnOrigin = (event: APIGatewayProxyEventV2, consoleUrl: string): void => {
  const { headers, requestContext } = event
  if (requestContext.http.method === 'GET' || credentialsOf(event, consoleUrl)?.from !== 'cookie') return
  const { origin } = headers
  if (origin === undefined || origin === new URL(consoleUrl).origin) return
  throw new SitewrightError('Forbidden', 'This request came from a page of another site and was refused.')
}

/**
 * The session of a bearer token or of the console's cookie, under its only name at `consoleUrl`. A cookie also needs
 * `requireOwnOrigin`.
 * @throws {SitewrightError} `Unauthenticated`.
 */
export const authenticate = async (ports: AuthenticationPorts, event: APIGatewayProxyEventV2): Promise<Session> => {
  const credentials = credentialsOf(event, ports.consoleUrl)
  if (credentials === undefined) throw new SitewrightError('Unauthenticated', 'Sign in to do this.')
  const session = await ports.sessions.find(tokenHash(credentials.token), ports.clocks.wall())
  if (session === undefined) throw new SitewrightError('Unauthenticated', 'Your session has ended. Sign in again.')
  return session
}
