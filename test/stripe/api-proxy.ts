import { createServer } from 'node:http'
import { listening } from '../support/listening.ts'

/** What was asked, and how it was answered. */
export interface Asked {
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly status: number
  readonly body: unknown
}

export interface ApiProxy {
  readonly apiBase: string
  readonly asked: Asked[]
  readonly close: () => Promise<void>
}

export interface ApiProxyOptions {
  /** A server that speaks Stripe's API. */
  readonly target: string
  /** Changes what is asked. */
  readonly rewrite?: (body: string) => string
  /** Changes an object of the answer, at whatever depth, in place. */
  readonly retouch?: (leftover: Record<string, unknown>) => void
}

const retouchAll = (value: unknown, retouch: (leftover: Record<string, unknown>) => void): void => {
  if (Array.isArray(value)) {
    for (const each of value) retouchAll(each, retouch)
  } else if (typeof value === 'object' && value !== null) {
    retouch(value as Record<string, unknown>)
    for (const each of Object.values(value)) retouchAll(each, retouch)
  }
}

/** Stands between the client and a server, sees what passes and may change it. */
export const openApiProxy = async ({ target, rewrite, retouch }: ApiProxyOptions): Promise<ApiProxy> => {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let sent = ''
    for await (const chunk of request) sent += String(chunk)
    const { method = 'GET', url: path = '' } = request
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const answer = await fetch(`${target}${path}`, {
      method,
      headers: headers as Record<string, string>,
      ...(sent === '' ? {} : { body: rewrite?.(sent) ?? sent }),
    })
    const body: unknown = await answer.json()
    asked.push({ method, path: path.replace(/\?.*$/, ''), status: answer.status, body: structuredClone(body) })
    if (retouch !== undefined) retouchAll(body, retouch)
    const passed = [...answer.headers].filter(([name]) => /^(stripe|request|idempotent|retry|original)-/.test(name))
    response.writeHead(answer.status, { 'content-type': 'application/json', ...Object.fromEntries(passed) })
    response.end(JSON.stringify(body))
  })
  const port = await listening(server)
  return {
    apiBase: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
