import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { tokenHash } from '../../core/digest.ts'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import type { OperatorRole } from '../../core/events/actor.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Operator, OperatorTokens } from '../../core/ports/tokens.ts'
import { isUseDue, operatorSessionLife } from '../accounts/session/session-life.ts'
import type { OperatorSession } from '../operators/operator-session.ts'
import type { OperatorDirectory, OperatorSessionStore } from '../operators/ports.ts'
import { isPoll } from './own-headers.ts'
import { requireOwnOrigin } from './own-origin.ts'
import { readCookie } from './session-cookie.ts'

export interface OperatorAuthenticationPorts extends Pick<Context, 'clocks' | 'consoleUrl'> {
  readonly operatorTokens: OperatorTokens
  /** Functions that may not change sessions do not store their use. */
  readonly operatorSessions: Pick<OperatorSessionStore, 'find'> & Partial<Pick<OperatorSessionStore, 'noteUse'>>
  readonly operatorDirectory: OperatorDirectory
}

export interface SignedInOperator extends Operator {
  /** Absent for a bearer token. */
  readonly session?: OperatorSession
}

/** A JWS of three parts, no longer than a header may be. */
const bearerToken = (authorization: string): string | undefined =>
  /^Bearer +([\w-]{1,2000}\.[\w-]{1,4000}\.[\w-]{1,2000})$/i.exec(authorization)?.[1]

const byToken = async (
  { operatorTokens }: OperatorAuthenticationPorts,
  authorization: string,
): Promise<SignedInOperator> => {
  const token = bearerToken(authorization)
  const operator = token === undefined ? undefined : await operatorTokens.verify(token)
  if (operator === undefined) throw new SitewrightError('Unauthenticated', 'This requires an operator token.')
  return operator
}

const ended = (): SitewrightError =>
  new SitewrightError('Unauthenticated', 'Your operator session has ended. Sign in again.')

const byCookie = async (
  ports: OperatorAuthenticationPorts,
  token: string,
  isUse: boolean,
): Promise<SignedInOperator> => {
  const { operatorSessions, operatorDirectory, clocks } = ports
  const now = clocks.wall()
  const session = await operatorSessions.find(tokenHash(token), now)
  // The directory is asked each time: the session of somebody who was removed does not count.
  const role = session === undefined ? undefined : await operatorDirectory.roleOf(session)
  if (session === undefined || role === undefined) throw ended()
  const { operatorId } = session
  if (!isUse || operatorSessions.noteUse === undefined || !isUseDue(session, operatorSessionLife, now)) {
    return { operatorId, role, session }
  }
  if (!(await operatorSessions.noteUse(session, now))) throw ended()
  return { operatorId, role, session: { ...session, usedAt: now } }
}

/** Finds the operator of the session in a browser's cookie; undefined without one, or if it has ended. */
export const findOperator = async (
  ports: OperatorAuthenticationPorts,
  cookies: readonly string[],
): Promise<SignedInOperator | undefined> => {
  const token = readCookie(ports.consoleUrl, 'operator', [...cookies])
  if (token === undefined) return undefined
  return byCookie(ports, token, true).catch((error: unknown) => {
    if (!isErrorOfKind(error, 'Unauthenticated')) throw error
    return undefined
  })
}

/**
 * The operator of a bearer token, or of the session in the cookie if there is no `authorization` header. A session also needs
 * `requireOperatorOrigin`.
 * @throws {SitewrightError} `Unauthenticated`, also for an owner's session.
 */
export const authenticateOperator = async (
  ports: OperatorAuthenticationPorts,
  event: APIGatewayProxyEventV2,
): Promise<SignedInOperator> => {
  const { headers, cookies } = event
  const { authorization } = headers
  if (authorization !== undefined) return byToken(ports, authorization)
  const token = readCookie(ports.consoleUrl, 'operator', cookies)
  if (token === undefined)
    throw new SitewrightError('Unauthenticated', 'Sign in as an operator, or send an operator token.')
  // A page that polls must not keep the session of somebody who has left.
  return byCookie(ports, token, !isPoll(event))
}

/** @throws {SitewrightError} `Forbidden` for a change by a cookie that another origin brought. */
export const requireOperatorOrigin = (
  { session }: SignedInOperator,
  event: APIGatewayProxyEventV2,
  consoleUrl: string,
): void => {
  if (session !== undefined) requireOwnOrigin(event, consoleUrl)
}

/** @throws {SitewrightError} `Forbidden` if the role does not suffice. */
export const requireRole = (operator: Operator, roles: readonly OperatorRole[]): void => {
  if (roles.includes(operator.role)) return
  throw new SitewrightError(
    'Forbidden',
    `Your role is '${operator.role}'. This requires one of the roles: ${roles.join(', ')}.`,
  )
}
