import { type ServerResponse, STATUS_CODES } from 'node:http'

interface ProblemDetails {
  /** The fields of the input that are wrong. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  /** Further members of the answer, for programs. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** The error behind it, which is reported and not shown. */
  readonly cause?: unknown
}

/** A request that cannot be served. `message` is shown to the caller. */
export class Problem extends Error {
  readonly status: number
  readonly details: ProblemDetails

  constructor(status: number, message: string, details: ProblemDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Problem'
    this.status = status
    this.details = details
  }
}

/** Says what is wrong with one field of the input; an empty path is the whole body. */
export const badField = (path: string, message: string): Problem =>
  new Problem(400, `${path || 'The body'} ${message}.`, { errors: [{ path, message }] })

/** Answers with RFC 9457 `application/problem+json`. Any other error is our own fault, and its text is not shown. */
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
    // A course may frame its own origin: what it gets there must not be a page without a policy.
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(body)
}
