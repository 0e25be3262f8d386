import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SitewrightError } from '../../core/errors.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SessionStore } from '../accounts/ports.ts'
import { isUseDue, ownerSessionLife } from '../accounts/session/session-life.ts'
import type { Offers } from '../offers/offers.ts'
import type { Session } from '../signup/signup.ts'
import { tokenHash } from '../signup/verify-signup.ts'
import { requireOwnOrigin } from './own-origin.ts'
import { readCookie } from './session-cookie.ts'

export interface AuthenticationPorts extends Pick<Context, 'clocks' | 'consoleUrl'> {
  /** Functions that may not change sessions do not store their use. */
  readonly sessions: Pick<SessionStore, 'find'> & Partial<Pick<SessionStore, 'noteUse'>>
  /** Their pages may act as well. */
  readonly offers?: Offers
}

interface Credentials {
  readonly token: string
  readonly from: 'header' | 'cookie'
}

type Sent = Pick<APIGatewayProxyEventV2, 'headers' | 'cookies'>

const credentialsOf = ({ headers, cookies }: Sent, consoleUrl: string): Credentials | undefined => {
  const bearer = /^Bearer +([\w-]+)$/i.exec(headers['authorization'] ?? '')?.[1]
  if (bearer !== undefined) return { token: bearer, from: 'header' }
  const token = headers['authorization'] === undefined ? readCookie(consoleUrl, 'owner', cookies) : undefined
  return token === undefined ? undefined : { token, from: 'cookie' }
}

/** @throws {SitewrightError} `Forbidden` for a change by a cookie that another origin brought. */
export const requireOwnerOrigin = (
  event: APIGatewayProxyEventV2,
  { consoleUrl, offers }: Pick<AuthenticationPorts, 'consoleUrl' | 'offers'>,
): void => {
  if (credentialsOf(event, consoleUrl)?.from === 'cookie') requireOwnOrigin(event, consoleUrl, offers?.origins)
}

const ended = (): SitewrightError => new SitewrightError('Unauthenticated', 'Your session has ended. Sign in again.')

/**
 * The session of a bearer token or of the console's cookie, under its only name at `consoleUrl`. A cookie also needs
 * `requireOwnerOrigin`.
 * @throws {SitewrightError} `Unauthenticated`.
 */
export const authenticate = async (ports: AuthenticationPorts, event: Sent): Promise<Session> => {
  const { sessions, clocks, consoleUrl } = ports
  const credentials = credentialsOf(event, consoleUrl)
  if (credentials === undefined) throw new SitewrightError('Unauthenticated', 'Sign in to do this.')
  const now = clocks.wall()
  const session = await sessions.find(tokenHash(credentials.token), now)
  if (session === undefined) throw ended()
  if (sessions.noteUse === undefined || !isUseDue(session, ownerSessionLife, now)) return session
  if (!(await sessions.noteUse(session, now))) throw ended()
  return { ...session, usedAt: now }
}
