import * as z from 'zod'
import type { ErrorKind } from '../../core/errors.ts'
import type { OperatorRole } from '../../core/events/actor.ts'

type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** `public` needs no credentials, `owner` a session, `operator` a token of a member of staff. */
type Audience = 'public' | 'owner' | 'operator'

/** One operation of the API: its input, its errors and its audience. Routes, validation and OpenAPI follow from it. */
export interface Operation {
  readonly id: string
  readonly method: HttpMethod
  /** In the form of API Gateway, such as `/v1/sites/{id}`. */
  readonly path: string
  readonly audience: Audience
  /** The roles of operators that may call it; only if the audience is `operator`. */
  readonly roles?: readonly OperatorRole[]
  readonly summary: string
  /** What does not fit into the summary. */
  readonly description?: string
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly headers: z.ZodObject
  readonly body: z.ZodObject
  /** Present if the body is taken as bytes of any content type, not as JSON. */
  readonly rawBody?: { readonly largestBytes: number; readonly description: string }
  /** The possible errors besides those of its audience and of every body. */
  readonly errors: readonly ErrorKind[]
}

/** An operation's answer with one status. */
interface AnswerForm {
  readonly description: string
  readonly schema?: z.ZodType
  /** JSON by default. */
  readonly contentType?: 'text/plain' | 'application/jsonl' | 'text/csv'
  readonly headers?: Readonly<Record<string, string>>
}

/** The successful answers of operations, by their names and by status. */
export type AnswerForms = Readonly<Record<string, Readonly<Record<number, AnswerForm>>>>

export interface OperationInput<Known extends Operation> {
  readonly params: z.output<Known['params']>
  readonly query: z.output<Known['query']>
  readonly headers: z.output<Known['headers']>
  readonly body: z.output<Known['body']>
}

/** Refuses every parameter, so that a misspelt one is reported. */
export const nothing = z.strictObject({})

/** The base of an operation, which then names only the input that it takes. */
export const takesNothing = { params: nothing, query: nothing, headers: nothing, body: nothing } as const

/** The limit of a JSON body. A stranger's is small, so that no request without a session takes more than milliseconds. */
const largestJsonBytes: Readonly<Record<Audience, number>> = {
  public: 16 * 1024,
  owner: 256 * 1024,
  operator: 256 * 1024,
}

/** The limit of an operation's body in bytes, also of a body that it does not read. */
export const largestBodyOf = ({ rawBody, audience }: Pick<Operation, 'rawBody' | 'audience'>): number =>
  rawBody?.largestBytes ?? largestJsonBytes[audience]

export const hasBody = (operation: Operation): boolean => operation.body !== nothing

/** What the operations of an audience have in common, by method. */
export const operationsFor = <const Who extends object>(who: Who) => ({
  get: { ...takesNothing, method: 'GET', ...who } as const,
  post: { ...takesNothing, method: 'POST', ...who } as const,
  put: { ...takesNothing, method: 'PUT', ...who } as const,
  patch: { ...takesNothing, method: 'PATCH', ...who } as const,
  remove: { ...takesNothing, method: 'DELETE', ...who } as const,
})
