import { waitFor } from '../support/wait-for.ts'
import { type Answer, call } from './call.ts'

export interface Mail {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly code?: string
  readonly links: readonly string[]
}

export interface SiteBody {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly url: string
  readonly status: string
  readonly operation: string | null
  readonly plan: string
  readonly features: readonly string[]
  readonly trialEndsAt: string | null
  readonly progress: { readonly percent: number; readonly steps: readonly { name: string; status: string }[] }
  readonly failure?: { readonly reason: string }
}

interface SignedIn {
  readonly accountId: string
  readonly token: string
  /** As a browser sends it back. */
  readonly cookie: string
  readonly bearer: { readonly authorization: string }
}

interface HostAddress {
  readonly port: number
}

/** Newest first. */
export const mailTo = async (host: HostAddress, email: string): Promise<readonly Mail[]> => {
  const path = `/_local/mail?to=${encodeURIComponent(email)}`
  return (await call<{ messages: readonly Mail[] }>(host, { path })).json.messages
}

export const startSignup = (host: HostAddress, email: string, more: object = {}) =>
  call<{ id: string; email: string; expiresAt: string }>(host, {
    method: 'POST',
    path: '/v1/signups',
    body: { email, ...more },
  })

/** The code of a sign-up, from its mail. */
export const codeOf = (host: HostAddress, signupId: string, email: string): Promise<string> =>
  waitFor(async () => {
    const mail = (await mailTo(host, email)).find(({ links }) => links.some((link) => link.includes(signupId)))
    return mail?.code
  })

export const verify = (host: HostAddress, signupId: string, code: string) =>
  call<{ account: { id: string; email: string }; session: { token: string; expiresAt: string } }>(host, {
    method: 'POST',
    path: `/v1/signups/${signupId}/verification`,
    body: { code },
  })

/** Another code than this one. */
export const wrongCode = (code: string): string => (code === '000000' ? '000001' : '000000')

export const signIn = async (host: HostAddress, email: string): Promise<SignedIn> => {
  const signup = (await startSignup(host, email)).json
  const answer = await verify(host, signup.id, await codeOf(host, signup.id, email))
  const { account, session } = answer.json
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  return { accountId: account.id, token: session.token, cookie, bearer: { authorization: `Bearer ${session.token}` } }
}

export const createSite = (
  host: HostAddress,
  { bearer }: Pick<SignedIn, 'bearer'>,
  body: { slug: string; name?: string; blueprint?: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<SiteBody>> =>
  call(host, { method: 'POST', path: '/v1/sites', body, headers: { ...bearer, ...headers } })

export const getSite = async (host: HostAddress, { bearer }: Pick<SignedIn, 'bearer'>, id: string): Promise<SiteBody> =>
  (await call<SiteBody>(host, { path: `/v1/sites/${id}`, headers: bearer })).json

/** Goes into a site as its owner. @returns the cookie, as a browser sends it back. */
export const enterSite = async (
  host: HostAddress,
  { bearer }: Pick<SignedIn, 'bearer'>,
  siteId: string,
): Promise<string> => {
  const opening = { method: 'POST', path: `/v1/sites/${siteId}/entrance`, headers: bearer }
  const { hostname: at, pathname: path } = new URL((await call<{ url: string }>(host, opening)).json.url)
  const entered = await call(host, { at, path })
  if (entered.status !== 303) throw new Error(`the entrance answered ${entered.status}: ${entered.text}`)
  return entered.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

/** Waits until enough finished sites are ready. */
export const poolIsFull = (host: HostAddress): Promise<true> =>
  waitFor(async () => {
    // While a host cannot write, its health has no pool.
    const { pool } = (await call<{ pool?: { ready: number; target: number } }>(host, { path: '/v1/health' })).json
    return pool !== undefined && pool.ready === pool.target
  })

export const writeEntry = (host: HostAddress, slug: string, text: string) =>
  call<{ id: unknown; text: string }>(host, {
    method: 'POST',
    at: `${slug}.localhost`,
    path: '/api/entries',
    body: { text },
  })

export const readEntries = async (host: HostAddress, slug: string): Promise<readonly string[]> => {
  const answer = await call<{ entries: readonly { text: string }[] }>(host, {
    at: `${slug}.localhost`,
    path: '/api/entries',
  })
  return answer.status === 200 ? answer.json.entries.map(({ text }) => text) : []
}
