import { createServer } from 'node:http'
import { listening } from '../../support/listening.ts'

export interface ReceivedRequest {
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly body: string
  readonly idempotencyKey: string | undefined
}

export interface ScriptedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  /** In its place. */
  readonly text?: string
}

export interface ScriptedServer extends AsyncDisposable {
  readonly apiBase: string
  readonly asked: ReceivedRequest[]
  readonly close: () => Promise<void>
}

/** An HTTP server that answers as a test says; it hangs up for `undefined`. It knows nothing of Stripe. */
export const startScriptedServer = async (
  answer: (request: ReceivedRequest) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>,
): Promise<ScriptedServer> => {
  const asked: ReceivedRequest[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { method = '', url = '', headers } = request
    const played = { method, url, body, idempotencyKey: headers['idempotency-key']?.toString() }
    asked.push(played)
    const answered = await answer(played)
    if (answered === undefined) return request.socket.destroy()
    response.writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers })
    return response.end(answered.text ?? JSON.stringify(answered.body))
  })
  const port = await listening(server)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { apiBase: `http://127.0.0.1:${port}`, asked, close, [Symbol.asyncDispose]: close }
}

export const emptyList = { object: 'list', data: [], has_more: false, url: '/' }

export const ok = (body: unknown): ScriptedAnswer => ({ status: 200, body })

export const fault = (
  status: number,
  error: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): ScriptedAnswer => ({
  status,
  headers: { 'request-id': 'req_sample', 'stripe-should-retry': 'false', ...headers },
  body: { error },
})
