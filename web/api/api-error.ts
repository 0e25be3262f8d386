import type { components } from './openapi.d.ts'

type Problem = components['schemas']['Problem']
export type FieldProblem = NonNullable<Problem['errors']>[number]

/** A failed request. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0 without an answer. */
  readonly status: number
  /** The API's kind of problem, such as `rate-limited`; `no-answer` without one. */
  readonly kind: string
  readonly fields: readonly FieldProblem[]
  readonly problem: Partial<Problem>

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `the request failed (${status})`)
    this.status = status
    this.kind = status === 0 ? 'no-answer' : (problem.type?.split(':').at(-1) ?? '')
    this.fields = problem.errors ?? []
    this.problem = problem
  }

  /** Whether a retry may succeed: no answer, or a server error. */
  get mayPass(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

/** The error that an answer reports as problem details (RFC 9457). */
export const errorOf = async (response: Response): Promise<ApiError> => {
  const problem: Partial<Problem> = await response.json().catch(() => ({}))
  return new ApiError(response.status, problem)
}

export const isKind = (error: unknown, ...kinds: readonly string[]): error is ApiError =>
  error instanceof ApiError && kinds.includes(error.kind)
