import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { tokenHash } from '../../core/digest.ts'
import { SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SessionStore } from '../accounts/ports.ts'
import type { Session } from '../accounts/session/session-facts.ts'
import { isUseDue, ownerSessionLife } from '../accounts/session/session-life.ts'
import { type Acting, accountOfToken, lower, type TeamStore } from '../accounts/team/team.ts'
import type { Offers } from '../offers/offers.ts'
import { accountHeader } from './own-headers.ts'
import { requireOwnOrigin } from './own-origin.ts'
import { readCookie } from './session-cookie.ts'

export interface AuthenticationPorts extends Pick<Context, 'clocks' | 'consoleUrl'> {
  /** Functions that may not change sessions do not store their use. */
  readonly sessions: Pick<SessionStore, 'find'> & Partial<Pick<SessionStore, 'noteUse'>>
  readonly team: Pick<TeamStore, 'member' | 'token'> & Partial<Pick<TeamStore, 'noteTokenUse'>>
  /** Their pages may act as well. */
  readonly offers?: Offers
}

type Sent = Pick<APIGatewayProxyEventV2, 'headers' | 'cookies'>

const credentialsOf = ({ headers, cookies }: Sent, consoleUrl: string) => {
  const bearer = /^Bearer +([\w-]+)$/i.exec(headers['authorization'] ?? '')?.[1]
  if (bearer !== undefined) return { token: bearer, from: 'header' } as const
  const token = headers['authorization'] === undefined ? readCookie(consoleUrl, 'owner', cookies) : undefined
  return token === undefined ? undefined : ({ token, from: 'cookie' } as const)
}

/** @throws {SitewrightError} `Forbidden` for a change by a cookie that another origin brought. */
export const requireOwnerOrigin = (
  event: APIGatewayProxyEventV2,
  { consoleUrl, offers }: Pick<AuthenticationPorts, 'consoleUrl' | 'offers'>,
): void => {
  if (credentialsOf(event, consoleUrl)?.from === 'cookie') requireOwnOrigin(event, consoleUrl, offers?.origins)
}

const ended = (): SitewrightError => new SitewrightError('Unauthenticated', 'Your session has ended. Sign in again.')

const bySession = async (ports: AuthenticationPorts, token: string): Promise<Session> => {
  const { sessions, clocks } = ports
  const now = clocks.wall()
  const session = await sessions.find(tokenHash(token), now)
  if (session === undefined) throw ended()
  if (sessions.noteUse === undefined || !isUseDue(session, ownerSessionLife, now)) return session
  if (!(await sessions.noteUse(session, now))) throw ended()
  return { ...session, usedAt: now }
}

/** The session in the account that the request names: by default the person's own, which they always hold. */
const inAccount = async (
  { team }: AuthenticationPorts,
  session: Session,
  accountId: string = session.accountId,
): Promise<Acting> => {
  if (accountId === session.accountId) return { ...session, rank: 'holder' }
  // Asked each time: somebody who was removed is refused at the next request.
  const member = isId('acct', accountId) ? await team.member(accountId, session.personId) : undefined
  if (member === undefined) {
    throw new SitewrightError('NotFound', 'There is no such account, or you are no longer a member of it.')
  }
  const { blueprint: _, offer: __, variant: ___, invited: ____, ...own } = session
  return { ...own, accountId: member.accountId, rank: member.role }
}

const noToken = (): SitewrightError =>
  new SitewrightError('Unauthenticated', 'This token is wrong, has expired or was revoked. Create another one.')

/** Acts for the person who created the token, with no more rights than they have now. */
const byToken = async ({ team, clocks }: AuthenticationPorts, sent: string): Promise<Acting> => {
  const now = clocks.wall()
  const inToken = accountOfToken(sent)
  const token = inToken && (await team.token(inToken, tokenHash(sent)))
  if (token === undefined || token.expiresAt <= now) throw noToken()
  const { accountId, createdBy: personId, createdAt, expiresAt, usedAt } = token
  const creator = token.byHolder ? 'holder' : (await team.member(accountId, personId))?.role
  if (creator === undefined) throw noToken()
  const isDue = isUseDue({ createdAt, expiresAt, usedAt }, ownerSessionLife, now)
  if (team.noteTokenUse !== undefined && (usedAt === undefined || isDue)) {
    if (!(await team.noteTokenUse(token, now))) throw noToken()
  }
  return {
    ...{ schemaVersion: 1, tokenHash: token.tokenHash, personId, accountId, createdAt, expiresAt },
    // Nobody is mailed about what a program does.
    email: '',
    rank: lower(creator, token.role),
    token,
  }
}

/**
 * Who acts for which account: by a token of an account, by a session's bearer token, or by the console's cookie, under its only name
 * at `consoleUrl`. A cookie also needs `requireOwnerOrigin`.
 * @throws {SitewrightError} `Unauthenticated`; `NotFound` for an account that the person is no member of.
 */
export const authenticate = async (ports: AuthenticationPorts, event: Sent): Promise<Acting> => {
  const credentials = credentialsOf(event, ports.consoleUrl)
  if (credentials === undefined) throw new SitewrightError('Unauthenticated', 'Sign in to do this.')
  const { token } = credentials
  if (token.startsWith('swt_')) return byToken(ports, token)
  return inAccount(ports, await bySession(ports, token), event.headers[accountHeader])
}
