import type { ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'

/** One thing wrong with one place of the input. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

interface ProblemDetails {
  readonly errors?: readonly FieldProblem[]
  /** Further members of the answer, for programs. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that cannot be served. `message` is shown to the caller. */
export class Problem extends Error {
  readonly status: number
  readonly details: ProblemDetails

  constructor(status: number, message: string, details: ProblemDetails = {}) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.details = details
  }
}

/** Answers with RFC 9457 `application/problem+json`. What is not a `Problem` is our own fault and not told. */
export const sendProblem = (response: ServerResponse, error: unknown): void => {
  const { status, message, details } =
    error instanceof Problem ? error : new Problem(500, 'Something went wrong on our side. Try again in a moment.')
  const { errors = [], members, headers } = details
  const body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...(errors.length === 0 ? {} : { errors }),
    ...members,
  })
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(body)
}
