import createClient from 'openapi-fetch'
import type { components, paths } from './openapi.d.ts'
import { rememberingFetch } from './remembering-fetch.ts'
import { browserStorage, tabStorage } from './storage.ts'

type Problem = components['schemas']['Problem']
type FieldProblem = NonNullable<Problem['errors']>[number]

/** A failed request. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0 without an answer. */
  readonly status: number
  /** The API's kind of problem, such as `rate-limited`; `no-answer` without one. */
  readonly kind: string
  readonly fields: readonly FieldProblem[]
  readonly problem: Partial<Problem>

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `the request failed (${status})`)
    this.status = status
    this.kind = status === 0 ? 'no-answer' : (problem.type?.split(':').at(-1) ?? '')
    this.fields = problem.errors ?? []
    this.problem = problem
  }

  /** Whether a retry may succeed: no answer, or a server error. */
  get mayPass(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

/** The error that an answer reports as problem details (RFC 9457). */
export const errorOf = async (response: Response): Promise<ApiError> => {
  const problem: Partial<Problem> = await response.json().catch(() => ({}))
  return new ApiError(response.status, problem)
}

export const isKind = (error: unknown, ...kinds: readonly string[]): error is ApiError =>
  error instanceof ApiError && kinds.includes(error.kind)

/** The API, typed by its description. Its calls throw `ApiError`. */
export const api = createClient<paths, 'application/json'>({
  baseUrl: globalThis.location?.origin ?? '',
  cache: 'no-store',
  headers: { accept: 'application/json' },
  fetch: rememberingFetch,
})

const accountKey = 'account'
const accountHeader = 'sitewright-account'

/** The account that this page acts for, if it is not the person's own one. It stays the same until the page is loaded again. */
export const chosenAccount: string | null = browserStorage.getItem(accountKey)

/** The next person in this browser begins with their own account. */
export const forgetAccount = (): void => browserStorage.removeItem(accountKey)

/** Acts for another account from the next load; for the person's own one with null. */
export const chooseAccount = (id: string | null, hash = '#/'): void => {
  if (id === null) forgetAccount()
  else browserStorage.setItem(accountKey, id)
  // Without an event of the hash: this page still acts for the former account, whose sites may be none.
  history.pushState(null, '', hash)
  location.reload()
}

api.use({
  onRequest: ({ request, schemaPath }) => {
    // The others are about the person.
    if (
      chosenAccount !== null &&
      !request.headers.has(accountHeader) &&
      /^\/v1\/(sites|team|session\/person)\b/.test(schemaPath)
    ) {
      request.headers.set(accountHeader, chosenAccount)
    }
  },
  onResponse: async ({ response, schemaPath }) => {
    if (response.ok) return
    // These are always there, but for somebody who is no member any more.
    const isRemoved = response.status === 404 && ['/v1/session/person', '/v1/sites', '/v1/team'].includes(schemaPath)
    // They may have followed a link that is for another account. That of a sign-up works once, and has just done so.
    if (isRemoved && chosenAccount !== null) {
      chooseAccount(null, location.hash.startsWith('#/signups/') ? undefined : location.hash)
    }
    throw await errorOf(response)
  },
  onError: ({ error, request }) => (request.signal.aborted ? undefined : new ApiError(0, { detail: String(error) })),
})

/** The body of an answer that has one. */
export const bodyOf = async <Body>(call: Promise<{ readonly data?: Body }>): Promise<NonNullable<Body>> => {
  const { data } = await call
  if (data === undefined || data === null) throw new Error('the answer has no body')
  return data
}

interface ListPage {
  readonly cursor?: string | undefined
}

/** All pages of a list. */
export const readEveryPage = async <Page extends ListPage>(
  read: (more: { readonly cursor?: string }) => Promise<Page>,
): Promise<readonly Page[]> => {
  const pages = [await read({})]
  // Each adds the next one.
  for (const { cursor } of pages) if (cursor !== undefined) pages.push(await read({ cursor }))
  return pages
}

/** Whether a request with a kept key is still without an answer. */
export const isUnanswered = (name: string): boolean => tabStorage.getItem(name) !== null

/**
 * Makes a request with an `Idempotency-Key` that is kept until there is an answer: pressing again, or after a lost answer or a server error,
 * is the same request. A refusal is final. @param name says what is asked for.
 */
export const withKey = async <Answer>(
  name: string,
  call: (header: { readonly 'idempotency-key': string }) => Promise<Answer>,
): Promise<Answer> => {
  const key = tabStorage.getItem(name) ?? crypto.randomUUID()
  tabStorage.setItem(name, key)
  try {
    const answer = await call({ 'idempotency-key': key })
    tabStorage.removeItem(name)
    return answer
  } catch (error) {
    if (error instanceof ApiError && !error.mayPass) tabStorage.removeItem(name)
    throw error
  }
}

const hasSite = (siteId: string, accountId: string): Promise<boolean> =>
  api.GET('/v1/sites/{id}', { params: { path: { id: siteId } }, headers: { [accountHeader]: accountId } }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return false
      throw error
    },
  )

/**
 * Acts for the account of this person that has a site, where another one is chosen, such as after a link in a mail. The view stays.
 * @returns whether there is one. @throws {ApiError} if an account could not be asked.
 */
export const chooseAccountOf = async (siteId: string): Promise<boolean> => {
  const { accounts } = await bodyOf(api.GET('/v1/accounts'))
  const others = accounts.filter(({ id, own }) => (own ? null : id) !== chosenAccount)
  const has = await Promise.all(others.map(({ id }) => hasSite(siteId, id)))
  const found = others[has.indexOf(true)]
  if (found !== undefined) chooseAccount(found.own ? null : found.id, location.hash)
  return found !== undefined
}

/** Enters a site as its owner; without an entrance, opens it as for everybody. @param go leaves this page. */
export const enterSite = async (
  { id, url }: { readonly id: string; readonly url: string },
  go = (place: string): void => location.assign(place),
): Promise<void> => {
  const entrance = await bodyOf(api.POST('/v1/sites/{id}/entrance', { params: { path: { id } } })).catch(
    () => undefined,
  )
  go(entrance?.url ?? url)
}

const key = 'return-to'

/** Goes to the sign-in, and comes back to this place afterwards. */
export const signInAndReturn = (): void => {
  tabStorage.setItem(key, `${location.pathname}${location.search}${location.hash}`)
  location.assign(`${base()}/`)
}

/** The place to return to after signing in, once. It is a path of this origin. */
export const takeReturnPath = (): string | undefined => {
  const path = tabStorage.getItem(key)
  tabStorage.removeItem(key)
  return path?.startsWith('/') && new URL(path, location.origin).origin === location.origin ? path : undefined
}

/** The path below which the pages of this offer are, such as `/schools`. Empty before any script, which only follows links. */
export const base = (): string =>
  (typeof document === 'undefined' ? undefined : document.documentElement.dataset['base']) ?? ''

/** Whether this page is served by one's own machine, which alone has mailbox, DNS and other stand-ins. */
export const hasLocal = async (path: `/_local/${string}`): Promise<boolean> => {
  if (location.protocol !== 'http:') return false
  const response = await fetch(path, { headers: { accept: 'application/json' } }).catch(() => undefined)
  return response?.ok === true && response.headers.get('content-type')?.includes('json') === true
}
