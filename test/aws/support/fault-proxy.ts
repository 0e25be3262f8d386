import { once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { listening } from '../../support/listening.ts'
import type { FaultKind } from './fault-kind.ts'

/** What stands between the functions and AWS: it knows every call, and can spoil one. */
export interface FaultProxy {
  readonly url: string
  /** The calls since the last `arm`, in their order, such as `ecs.CreateService#1`. */
  readonly calls: () => readonly string[]
  /** From here on calls are counted, and this one, if any, goes wrong. */
  readonly arm: (fault?: { readonly call: string; readonly kind: FaultKind }) => void
  /** Nothing goes wrong any more. */
  readonly disarm: () => void
  readonly wasReached: () => boolean
  /** Starts a function again, without the faults of the one before it. */
  readonly revive: () => void
  readonly close: () => Promise<void>
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The service stands in the signature, the operation in a header, in the form, or in method and path. */
const operationOf = ({ headers, method, url = '' }: IncomingMessage, body: Buffer): string => {
  const service = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'unknown'
  const target = headers['x-amz-target']
  const named = typeof target === 'string' ? target.split('.').at(-1) : undefined
  const form = new URLSearchParams(body.toString('latin1')).get('Action')
  // A job's outcome is called after the job, and so after its site.
  const path = url.split('?')[0]?.replaceAll(/(fsap-|site_|arc_)[\w-]+/g, '$1…')
  return `${service}.${named ?? form ?? `${method} ${path}`}`
}

const isOfS3 = ({ headers }: IncomingMessage): boolean => headers.authorization?.includes('/s3/aws4_request') ?? false

/** An error in the form that this call's protocol has: JSON, or XML where a form was sent and of S3, with its own word for haste. */
const refuse = (request: IncomingMessage, response: ServerResponse, status: number, code: string): void => {
  if (isOfS3(request)) {
    const isTooFast = code === 'ThrottlingException'
    response.writeHead(isTooFast ? 503 : status, { 'content-type': 'application/xml' })
    response.end(`<Error><Code>${isTooFast ? 'SlowDown' : code}</Code><Message>as told</Message></Error>`)
    return
  }
  const isForm = request.headers['content-type']?.includes('form-urlencoded') ?? false
  response.writeHead(status, {
    'content-type': isForm ? 'text/xml' : 'application/x-amz-json-1.1',
    'x-amzn-errortype': code,
  })
  response.end(
    isForm
      ? `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>as told</Message></Error></ErrorResponse>`
      : JSON.stringify({ __type: code, message: 'as told' }),
  )
}

/** What the emulator does not do, by operation. */
export type Played = (
  input: Readonly<Record<string, unknown>>,
  headers: IncomingHttpHeaders,
) => { readonly status: number; readonly body: object } | Promise<{ readonly status: number; readonly body: object }>

/** Sees a call, such as `ecs.CreateService`, before it is sent; the call waits for it. */
export type WatchCalls = (operation: string, body: Buffer) => void | Promise<void>

export const startFaultProxy = async ({
  upstreamOf,
  played,
  watch = () => undefined,
}: {
  /** Where a call goes, such as `kms.Sign`. */
  readonly upstreamOf: (operation: string) => string
  readonly played: Readonly<Record<string, Played>>
  readonly watch?: WatchCalls
}): Promise<FaultProxy> => {
  let armed: { readonly call: string; readonly kind: FaultKind } | undefined
  let counting = false
  let reached = false
  /** Throttled until the function that met it gives up; or gone, and nothing of it gets through. */
  let condition: 'well' | 'throttled' | 'gone' = 'well'
  let seen: string[] = []
  const counts = new Map<string, number>()

  const name = (operation: string): string => {
    const count = (counts.get(operation) ?? 0) + 1
    counts.set(operation, count)
    return `${operation}#${count}`
  }

  const forward = async (request: IncomingMessage, body: Buffer, operation: string) => {
    const play = played[operation]
    if (play !== undefined) {
      const { status, body: said } = await play(
        JSON.parse(body.toString('utf8')) as Record<string, unknown>,
        request.headers,
      )
      const headers = { 'content-type': 'application/x-amz-json-1.1' }
      return { status, headers, body: Buffer.from(JSON.stringify(said)) }
    }
    const target = new URL(upstreamOf(operation))
    const passed = httpRequest({
      host: target.hostname,
      port: target.port,
      path: request.url,
      method: request.method,
      headers: { ...request.headers, 'content-length': body.length },
    })
    passed.end(body)
    const [answer] = (await once(passed, 'response')) as [IncomingMessage]
    return { status: answer.statusCode ?? 502, headers: answer.headers, body: await readBody(answer) }
  }

  const spoil = (call: string): FaultKind | undefined => {
    if (armed?.call !== call || reached) return undefined
    reached = true
    if (armed.kind === 'throttled') condition = 'throttled'
    if (armed.kind === 'gone-before') condition = 'gone'
    return armed.kind
  }

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request)
    if (condition === 'gone') return refuse(request, response, 400, 'FunctionGone')
    const operation = operationOf(request, body)
    await watch(operation, body)
    const call = counting ? name(operation) : ''
    if (counting) seen.push(call)
    const kind = spoil(call)
    if (condition === 'throttled') return refuse(request, response, 400, 'ThrottlingException')
    if (kind === 'gone-before') return refuse(request, response, 400, 'FunctionGone')
    const answer = await forward(request, body, operation)
    if (kind === 'reply-lost') {
      response.destroy()
      return
    }
    if (kind === 'gone-after') {
      condition = 'gone'
      return refuse(request, response, 400, 'FunctionGone')
    }
    const { 'transfer-encoding': _, connection: __, ...headers }: IncomingHttpHeaders = answer.headers
    response.writeHead(answer.status, { ...headers, 'content-length': answer.body.length })
    response.end(answer.body)
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy())
  })
  const port = await listening(server)

  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => seen,
    arm: (fault) => {
      armed = fault
      counting = true
      reached = false
      condition = 'well'
      seen = []
      counts.clear()
    },
    disarm: () => {
      armed = undefined
      counting = false
      condition = 'well'
    },
    wasReached: () => reached,
    revive: () => {
      condition = 'well'
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
