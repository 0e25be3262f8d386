import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PlayedRequest {
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly body: string
  readonly idempotencyKey: string | undefined
}

export interface PlayedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  /** In its place. */
  readonly text?: string
}

export interface PlayedStripe {
  readonly apiBase: string
  readonly asked: PlayedRequest[]
  readonly close: () => Promise<void>
}

/** A server that answers as it is told; `undefined` hangs up, a promise that never ends lets wait. */
export const playStripe = async (
  answer: (request: PlayedRequest) => PlayedAnswer | undefined | Promise<PlayedAnswer | undefined>,
): Promise<PlayedStripe> => {
  const asked: PlayedRequest[] = []
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
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

export const emptyList = { object: 'list', data: [], has_more: false, url: '/' }

export const ok = (body: unknown): PlayedAnswer => ({ status: 200, body })

export const fault = (
  status: number,
  error: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): PlayedAnswer => ({
  status,
  headers: { 'request-id': 'req_sample', 'stripe-should-retry': 'false', ...headers },
  body: { error },
})
