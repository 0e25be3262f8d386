import { createHash } from 'node:crypto'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Operation } from './operation.ts'

/** A weak tag: the same data in JSON has the same tag. */
export const entityTag = (body: string): string =>
  `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`

/** Whether an `If-None-Match` field has this tag, by weak comparison (RFC 9110 §13.1.2). */
export const hasTag = (field: string | undefined, tag: string): boolean =>
  (field ?? '')
    .split(',')
    .map((one) => one.trim())
    .some((one) => one === '*' || one.replace(/^W\//, '') === tag.replace(/^W\//, ''))

export interface Answer {
  /** 200 by default. */
  readonly status?: number
  readonly body?: unknown
  /** Sent as plain text instead of a body. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  /** The ids of whose data an operator reads in it; by default the id in the path. */
  readonly concerns?: readonly string[]
}

export const toResult = ({ status = 200, body, text, headers, cookies }: Answer): APIGatewayProxyStructuredResultV2 => {
  const content =
    text === undefined
      ? { type: 'application/json', body: body === undefined ? undefined : JSON.stringify(body) }
      : { type: 'text/plain; charset=utf-8', body: text }
  return {
    statusCode: status,
    headers: {
      'cache-control': 'no-store',
      ...(content.body === undefined ? {} : { 'content-type': content.type }),
      ...headers,
    },
    ...(cookies === undefined ? {} : { cookies: [...cookies] }),
    ...(content.body === undefined ? {} : { body: content.body }),
  }
}

/**
 * The answer to a GET of somebody who is signed in, which pages repeat: with a tag, and without its body if the page has it. Files and answers
 * with headers of their own have no tag.
 */
export const toTaggedResult = (
  operation: Operation,
  { headers }: APIGatewayProxyEventV2,
  answer: Answer,
): APIGatewayProxyStructuredResultV2 => {
  const result = toResult(answer)
  if (!isTagged(operation, answer) || result.body === undefined) return result
  const etag = entityTag(result.body)
  if (!hasTag(headers['if-none-match'], etag)) return { ...result, headers: { ...result.headers, etag } }
  return { statusCode: 304, headers: { 'cache-control': 'no-store', etag } }
}

const isTagged = ({ method }: Operation, { status = 200, text, headers }: Answer): boolean =>
  method === 'GET' && status === 200 && text === undefined && headers === undefined
