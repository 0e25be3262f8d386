import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifyEntitlement } from './entitlement.ts'
import type { Entries } from './entries.ts'
import { entryPageIn, entryTextIn } from './entry-requests.ts'
import { readJson } from './json-body.ts'
import { renderPage } from './page.ts'
import { Problem, sendProblem } from './problem.ts'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

type Route = (exchange: Exchange) => Promise<void> | void

const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const send = (response: ServerResponse, status: number, type: string, body: string | Buffer): void => {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': contentSecurityPolicy,
    'referrer-policy': 'same-origin',
  })
  response.end(body)
}

const sendJson = (response: ServerResponse, status: number, body: object): void =>
  send(response, status, 'application/json', JSON.stringify(body))

const asset = (name: string, type: string): Route => {
  let content: Buffer | undefined
  return ({ response }) => {
    content ??= readFileSync(new URL(`assets/${name}`, import.meta.url))
    send(response, 200, type, content)
  }
}

const tokenOf = (request: IncomingMessage): string | undefined => {
  const value = request.headers['x-sitewright-entitlement']
  return typeof value === 'string' ? value : undefined
}

const routesOf = (entries: Entries, verify: VerifyEntitlement): ReadonlyMap<string, Readonly<Record<string, Route>>> =>
  new Map<string, Record<string, Route>>([
    [
      '/',
      {
        GET: async ({ request, response }) => {
          const page = renderPage(await verify(tokenOf(request)), entries.list({ limit: 50 }))
          send(response, 200, 'text/html; charset=utf-8', page)
        },
      },
    ],
    ['/page.css', { GET: asset('page.css', 'text/css; charset=utf-8') }],
    ['/page.js', { GET: asset('page.js', 'text/javascript; charset=utf-8') }],
    [
      '/healthz',
      {
        GET: ({ response }) => {
          try {
            entries.check()
          } catch {
            throw new Problem(503, 'The database cannot be read.')
          }
          sendJson(response, 200, { status: 'ok' })
        },
      },
    ],
    [
      '/api/entries',
      {
        GET: ({ response, query }) => sendJson(response, 200, entries.list(entryPageIn(query))),
        POST: async ({ request, response }) =>
          sendJson(response, 201, entries.add(entryTextIn(await readJson(request)))),
      },
    ],
    [
      '/api/entitlement',
      {
        GET: async ({ request, response }) => {
          const entitlement = await verify(tokenOf(request))
          if (entitlement === undefined) throw new Problem(403, 'The request carries no valid entitlement.')
          sendJson(response, 200, entitlement)
        },
      },
    ],
  ])

/** Answers every request that is not an upgrade. `report` is told of what is our own fault. */
export const requestListener = (entries: Entries, verify: VerifyEntitlement, report: (error: unknown) => void) => {
  const routes = routesOf(entries, verify)

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = URL.parse(request.url ?? '/', 'http://site')
    const methods = url === null ? undefined : routes.get(url.pathname)
    if (url === null || methods === undefined) throw new Problem(404, 'There is nothing at this address.')
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
    const route = methods[method]
    if (route === undefined) {
      const allowed = Object.keys(methods).join(', ')
      response.setHeader('allow', allowed)
      throw new Problem(405, `This address answers only ${allowed}.`)
    }
    await route({ request, response, query: url.searchParams })
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof Problem)) report(error)
      if (response.headersSent) response.destroy()
      else sendProblem(response, error)
    })
  }
}
