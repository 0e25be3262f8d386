import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from './problem.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  /** The groups of the route's pattern, percent-encoded as they came. */
  readonly caught: readonly string[]
}

/** @throws {Problem} which becomes the answer. */
export type Answer = (exchange: Exchange) => Promise<void> | void

/** The purpose of the hostname by which a visitor asked, as the router says; undefined for a usual one. */
export const purposeOf = ({ headers }: IncomingMessage): string | undefined =>
  headers['x-sitewright-purpose']?.toString()

/** The answer to a method at addresses whose whole path the pattern matches. GET answers HEAD too. */
export interface Route {
  readonly method: string
  readonly pattern: RegExp
  readonly answer: Answer
}

export const route = (method: string, pattern: RegExp, answer: Answer): Route => ({ method, pattern, answer })

/** A policy that runs no script but ours. @param frames,ancestors the origins that the page may embed, or be embedded by. */
export const policyOf = ({ frames = "'none'", ancestors = "'none'" } = {}): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src ${frames}; form-action 'self'; base-uri 'none'; frame-ancestors ${ancestors}`

const closedPolicy = policyOf()

/** Answers with a body of our own making. @param policy allows no frames by default. */
export const send = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  policy = closedPolicy,
): void => {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': policy,
    'referrer-policy': 'same-origin',
  })
  response.end(body)
}

export const sendJson = (response: ServerResponse, status: number, body: object): void =>
  send(response, status, 'application/json', JSON.stringify(body))

/** Answers with a file that never changes while the process lives. It is read on first use, so that a start does not wait. */
export const asset = (locate: () => URL, type: string): Answer => {
  let content: Buffer | undefined
  return ({ response }) => {
    content ??= readFileSync(locate())
    send(response, 200, type, content)
  }
}

export const javascript = 'text/javascript; charset=utf-8'

/** Answers with a style sheet or script of this site. */
export const ownAsset = (name: string): Answer =>
  asset(
    () => new URL(`assets/${name}`, import.meta.url),
    name.endsWith('.css') ? 'text/css; charset=utf-8' : javascript,
  )

/** More than this is not waited for. Below it, the rest is read and dropped, so that the sender gets to see the answer. */
const drainedBytes = 8 * 1024 * 1024

const read = (request: IncomingMessage, maximumBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const tooLarge = () => new Problem(413, `The body may have at most ${maximumBytes} bytes.`)
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maximumBytes) chunks.push(chunk)
      if (size > drainedBytes) reject(tooLarge())
    })
    request.on('end', () => (size > maximumBytes ? reject(tooLarge()) : resolve(Buffer.concat(chunks))))
    request.on('error', () => reject(new Problem(400, 'The body ended too early.')))
  })

/**
 * The JSON body of a request. @param maximumBytes 64 KiB by default.
 * @throws {Problem} 415 where it is not declared as JSON, 413 where it is too large, 400 where it is not JSON.
 */
export const readJson = async (request: IncomingMessage, maximumBytes = 64 * 1024): Promise<unknown> => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const body = await read(request, maximumBytes)
  if (type !== 'application/json') throw new Problem(415, 'Send the body as application/json.')
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return parsed
  } catch {
    throw new Problem(400, 'The body is not valid JSON.')
  }
}
