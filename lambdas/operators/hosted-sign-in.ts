import * as z from 'zod'
import { jsonOf } from '../../core/json.ts'
import { auditOrigin, visitorAudited } from './audit/audit-entry.ts'
import { countRefusal } from './audit/refusals.ts'
import {
  admitTry,
  type Caller,
  type NewOperatorSession,
  newOperatorSession,
  type SignInPorts,
} from './operator-session.ts'
import type { OperatorSessionStore, OperatorSignIn } from './ports.ts'

const base = '/operator/'

/** Only what a page of ours needs: no backslash, which browsers read as a slash, and no control characters. */
const allowed = /^\/operator\/[\w\-.~!$&'()*+,;=:@%/?]*$/

/** The path below `/operator/` that a browser may go to after the sign-in; `/operator/` for anything else. */
const returnPath = (wanted: string | undefined, consoleUrl: string): string => {
  if (wanted === undefined || !allowed.test(wanted)) return base
  const url = URL.parse(wanted, consoleUrl)
  if (url === null || url.origin !== new URL(consoleUrl).origin || !url.pathname.startsWith(base)) return base
  return `${url.pathname}${url.search}`
}

export type SignInHosted = Extract<OperatorSignIn, { readonly method: 'hosted' }>

export interface HostedSignInPorts extends SignInPorts {
  readonly operatorSessions: Pick<OperatorSessionStore, 'open'>
  readonly consoleUrl: string
}

export const hostedSignInMinutes = 10

/** What the browser keeps until it comes back. Nobody else can read or set it. */
const keptSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  at: z.iso.datetime({ precision: 3 }),
})

const encode = (kept: z.infer<typeof keptSchema>): string => Buffer.from(JSON.stringify(kept)).toString('base64url')

const decode = (cookie = ''): z.infer<typeof keptSchema> | undefined =>
  keptSchema.safeParse(jsonOf(Buffer.from(cookie, 'base64url').toString('utf8'))).data

/** @returns where to send the browser, and what it has to keep. @throws {SitewrightError} `RateLimited`, `Unavailable`. */
export const beginHostedSignIn = async (
  ports: HostedSignInPorts,
  way: SignInHosted,
  { returnTo, sourceIp }: { readonly returnTo: string | undefined; readonly sourceIp: string },
): Promise<{ readonly location: string; readonly kept: string }> => {
  await admitTry(ports, way, sourceIp)
  const { randomness, clocks, consoleUrl } = ports
  const secrets = { state: randomness.token(), nonce: randomness.token(), verifier: randomness.token() }
  const location = await way.provider.begin(secrets)
  return { location, kept: encode({ ...secrets, returnTo: returnPath(returnTo, consoleUrl), at: clocks.wall() }) }
}

export type HostedResult =
  | { readonly outcome: 'signed-in'; readonly opened: NewOperatorSession; readonly returnTo: string }
  /** `expired`: the browser did not begin this, or too long ago, or began another one since, for example in another tab. */
  | { readonly outcome: 'expired' | 'refused' }

const isFresh = (at: string, now: string): boolean =>
  Math.abs(Date.parse(now) - Date.parse(at)) <= hostedSignInMinutes * 60_000

/**
 * Verifies the provider's answer and opens a session.
 * @throws {SitewrightError} `RateLimited`, `Unavailable`.
 */
export const finishHostedSignIn = async (
  ports: HostedSignInPorts,
  way: SignInHosted,
  {
    answer,
    cookie,
    caller,
  }: { readonly answer: URLSearchParams; readonly cookie: string | undefined; readonly caller: Caller },
): Promise<HostedResult> => {
  await admitTry(ports, way, caller.sourceIp)
  const kept = decode(cookie)
  if (kept === undefined || !isFresh(kept.at, ports.clocks.wall())) return { outcome: 'expired' }
  const { returnTo, at: _, ...secrets } = kept
  if (answer.get('state') !== secrets.state) return { outcome: 'expired' }
  const identity = await way.provider.finish(answer, secrets)
  const role = identity?.role
  if (identity === undefined || role === undefined) {
    const from = auditOrigin(caller.sourceIp, caller.userAgent)
    await countRefusal(ports, { who: visitorAudited, problem: 'urn:sitewright:problem:forbidden', from })
    return { outcome: 'refused' }
  }
  const opened = newOperatorSession(ports, { ...identity, role }, caller)
  await ports.operatorSessions.open(opened.session, opened.entry)
  return { outcome: 'signed-in', opened, returnTo: returnPath(returnTo, ports.consoleUrl) }
}
