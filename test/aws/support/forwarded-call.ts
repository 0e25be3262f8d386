import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'

/** A call of an AWS service on its way to the emulator. */
export interface ForwardedCall {
  /** Such as `ecs.CreateService`, or `elasticfilesystem.POST /2015-02-01/access-points` where the path says it. */
  readonly operation: string
  /** The request's JSON, where it is JSON. */
  readonly input: Readonly<Record<string, unknown>>
  /** Lets the emulator answer. */
  readonly forward: () => Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

const readBody = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const jsonOf = (body: Buffer): Record<string, unknown> => {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}

const operationOf = ({ headers, method, url = '' }: IncomingMessage): string => {
  const service = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'unknown'
  const target = headers['x-amz-target']
  return `${service}.${typeof target === 'string' ? target.split('.').at(-1) : `${method} ${url.split('?')[0]}`}`
}

export const readCall = async (request: IncomingMessage, upstream: URL): Promise<ForwardedCall> => {
  const body = await readBody(request)
  return {
    operation: operationOf(request),
    input: jsonOf(body),
    forward: async () => {
      const passed = httpRequest({
        host: upstream.hostname,
        port: upstream.port,
        path: request.url,
        method: request.method,
        headers: { ...request.headers, 'content-length': body.length },
      })
      passed.end(body)
      const [answer] = (await once(passed, 'response')) as [IncomingMessage]
      const { 'transfer-encoding': _, connection: __, 'content-length': ___, ...headers } = answer.headers
      return { status: answer.statusCode ?? 502, headers, body: (await readBody(answer)).toString('utf8') }
    },
  }
}

export const json = (value: object, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(value),
})

export const failure = (code: string, message: string, fields: object = {}, status = 400): Answer => {
  const answer = json({ __type: code, message, ...fields }, status)
  return { ...answer, headers: { ...answer.headers, 'x-amzn-errortype': code } }
}
