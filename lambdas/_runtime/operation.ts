import * as z from 'zod'
import type { ErrorKind } from '../../core/errors.ts'
import type { OperatorRole } from '../../core/events/actor.ts'

type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** `public` needs no credentials, `owner` a session, `operator` a token of a member of staff. */
type Audience = 'public' | 'owner' | 'operator'

/** One operation of the API: its input, its errors and its audience. Routes, validation and OpenAPI follow from it. */
export interface Operation<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Headers extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
> {
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
  readonly params: Params
  readonly query: Query
  readonly headers: Headers
  readonly body: Body
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

export interface OperationInput<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Headers extends z.ZodObject,
  Body extends z.ZodObject,
> {
  readonly params: z.output<Params>
  readonly query: z.output<Query>
  readonly headers: z.output<Headers>
  readonly body: z.output<Body>
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
