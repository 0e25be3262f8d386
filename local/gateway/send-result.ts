import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'

export type Serve = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

const longestMilliseconds = 5000
const largestBytes = 16 * 1024 * 1024

/**
 * Ends a written answer. Node closes the connection after its last answer. That would reset a client that is still sending,
 * and lose the answer, so the client may first finish within limits.
 */
const endOnceSent = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.complete || request.destroyed) {
    response.end()
    return
  }
  let size = 0
  const cutOff = (): void => {
    request.destroy()
  }
  const timer = setTimeout(cutOff, longestMilliseconds)
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > largestBytes) cutOff()
  })
  request.once('close', () => {
    clearTimeout(timer)
    response.end()
  })
  request.resume()
}

const resultSchema = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})

/** Writes a function's answer, as API Gateway does, so that a client that is still sending can read it too. */
export const sendResult = (request: IncomingMessage, response: ServerResponse, result: unknown): void => {
  const { statusCode, headers, cookies, body, isBase64Encoded } = resultSchema.parse(result)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  response.setHeader('x-content-type-options', 'nosniff')
  const content = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  response.statusCode = statusCode
  // RFC 9110 forbids a length on an answer that has no body.
  if (statusCode !== 204 && statusCode !== 304) response.setHeader('content-length', content.length)
  if (!request.complete) {
    response.setHeader('connection', 'close')
    // An answer without a body would go out only once the client has ended.
    response.flushHeaders()
  }
  if (content.length > 0) response.write(content)
  endOnceSent(request, response)
}
