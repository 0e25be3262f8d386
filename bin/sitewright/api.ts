import http from 'node:http'
import * as z from 'zod'
import { accountHeader } from '../../lambdas/_runtime/own-headers.ts'
import { problemSchema } from '../../lambdas/_runtime/problem-schema.ts'
import { messageOf } from '../command-line/read-options.ts'
import { type Ending, Failure } from './failure.ts'

/** A newer server may say more, and another one less. */
const readProblem = z.object(problemSchema.shape).partial().catch({})
type Problem = z.infer<typeof readProblem>

/** An answer that is no success. */
export class Refusal extends Failure {
  readonly status: number
  readonly problem: Problem

  constructor(ending: Ending, message: string, status: number, problem: Problem) {
    super(ending, message)
    this.status = status
    this.problem = problem
  }

  /** Whether it is of a kind, such as `not-found`. */
  is(kind: string): boolean {
    return this.problem.type?.endsWith(`:${kind}`) === true
  }
}

/** The kinds of refusals that end by themselves. Nothing was done. */
const passing: readonly (string | undefined)[] = ['operation-in-progress', 'version-conflict']

const endingOf = (status: number, { type }: Problem): Ending => {
  if (status === 401) return 'signIn'
  return status === 429 || status >= 500 || passing.includes(type?.split(':').at(-1)) ? 'again' : 'refused'
}

const adviceOf = (ending: Ending, said: string, { retryAfterSeconds }: Problem, signIn: string): string => {
  if (ending === 'signIn') return ` ${signIn}`
  if (ending !== 'again' || /try again/i.test(said)) return ''
  return retryAfterSeconds === undefined ? ' Try again.' : ` Try again in ${retryAfterSeconds} s.`
}

const refusalOf = (status: number, body: unknown, signIn: string): Refusal => {
  const problem = readProblem.parse(body)
  const said = problem.detail ?? problem.title ?? `The server answered with ${status}.`
  const fields = (problem.errors ?? []).map(({ path, message }) => `\n  ${path}: ${message}`)
  const ending = endingOf(status, problem)
  const message = `${said}${fields.join('')}${adviceOf(ending, said, problem, signIn)}`
  return new Refusal(ending, message, status, problem)
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly idempotencyKey?: string
  /** Gets the status of an answer that is a success. */
  readonly seen?: (status: number) => void
}

const patienceMilliseconds = 60_000

interface Identity {
  readonly token?: string
  readonly account?: string | undefined
  /** What to do if the server no longer accepts the token. */
  readonly signIn?: string
  /** Says that a request is repeated. */
  readonly note?: (line: string) => void
}

/** Whether a header can carry a text. */
const isSendable = (text: string): boolean => {
  try {
    return new Headers({ text }).has('text')
  } catch {
    return false
  }
}

/** The headers of who asks. @throws {Failure} for what no header can carry: the error of `fetch` would have the token in its message. */
const identityHeaders = ({ token, account }: Identity) => {
  const what = 'has a line break or another character that cannot be sent'
  if (token && !isSendable(`Bearer ${token}`)) {
    throw new Failure('signIn', `The token ${what}. Set SITEWRIGHT_TOKEN again, or sign in: sitewright login EMAIL`)
  }
  if (account && !isSendable(account)) throw new Failure('mistake', `SITEWRIGHT_ACCOUNT ${what}.`)
  return { ...(token && { authorization: `Bearer ${token}` }), ...(account && { [accountHeader]: account }) }
}

/** Why there is no answer, or no whole one: the error of `fetch` itself says only that it failed. */
export const networkReason = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  // Of several addresses, the error has only a code.
  return messageOf(cause) || (cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer')
}

/** Calls the API of a server and reads the answer as a schema says, without what is new in it. */
export const createApi = (url: string, identity: Identity = {}) => {
  const identified = identityHeaders(identity)
  const { signIn = 'Sign in again: sitewright login EMAIL', note } = identity
  const call = async <Read>(
    { method = 'GET', path, body, idempotencyKey, seen }: Request,
    schema: z.ZodType<Read>,
  ): Promise<Read> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      // A token goes to no other server.
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMilliseconds),
      headers: {
        accept: 'application/json',
        'user-agent': 'sitewright',
        ...identified,
        ...(body && { 'content-type': 'application/json' }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      const advice = 'Check the address and the network, and try again.'
      throw new Failure('again', `${url} does not answer: ${networkReason(error)}. ${advice}`)
    })
    const json: unknown = await answer.json().catch(() => undefined)
    if (!answer.ok) throw refusalOf(answer.status, json, signIn)
    seen?.(answer.status)
    const read = schema.safeParse(json)
    if (read.success) return read.data
    throw new Failure('again', `${url} does not answer like Sitewright. Check the address, or update this command.`)
  }
  return Object.assign(call, note && { note })
}
export interface Api extends Pick<Identity, 'note'> {
  <Read>(request: Request, schema: z.ZodType<Read>): Promise<Read>
}

const pauses = [250, 1000, 4000, 8000] as const

/** The longest pause that a server may ask for. A limit that lasts for minutes is for people to know. */
const longestPause = 30_000

const pause = (milliseconds: number): Promise<void> => new Promise((settle) => void setTimeout(settle, milliseconds))

/** A second between two checks, and less before the first three: most of what is waited for takes no second. */
export const pauseBefore = (check: number): Promise<void> => pause(Math.min(1000, 125 * 2 ** check))

/** Repeats a request that may have been lost, and that the server does once: by its key, or because it changes nothing then. */
export const withRetries = async <Read>(api: Api, request: Request, schema: z.ZodType<Read>): Promise<Read> => {
  for (const milliseconds of pauses) {
    try {
      return await api(request, schema)
    } catch (error) {
      if (!(error instanceof Failure) || error.ending !== 'again') throw error
      const seconds = (error instanceof Refusal && error.problem.retryAfterSeconds) || 0
      if (seconds * 1000 > longestPause) throw error
      if (milliseconds === pauses[0]) api.note?.('Waiting for the server')
      await pause(Math.max(milliseconds, seconds * 1000))
    }
  }
  return api(request, schema)
}

/**
 * Sends requests through the proxy of HTTPS_PROXY, except to hosts of NO_PROXY and to this machine.
 * Before Node.js 24.14 only NODE_USE_ENV_PROXY does that, which Node.js reads at its start.
 * @throws {Failure} for what is no address, which may have a password.
 */
export const useProxy = ({
  HTTPS_PROXY,
  https_proxy: proxy = HTTPS_PROXY,
  NO_PROXY,
  no_proxy: direct = NO_PROXY,
}: Readonly<Record<string, string | undefined>>): void => {
  if (!proxy) return
  const address = /^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`
  if (!URL.canParse(address)) {
    throw new Failure('mistake', 'HTTPS_PROXY must be the address of a proxy, such as http://proxy.example.com:3128.')
  }
  http.setGlobalProxyFromEnv?.({
    https_proxy: address,
    // Plain HTTP is for this machine alone, and Node.js would send it to HTTP_PROXY.
    no_proxy: [direct, 'localhost', '.localhost', '127.0.0.1', '::1'].filter(Boolean).join(','),
  })
}
