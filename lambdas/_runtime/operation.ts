import * as z from 'zod'
import type { ErrorKind } from '../../core/errors.ts'
import type { OperatorRole } from '../../core/events/event.ts'

type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** `public` needs nobody, `owner` a session, `operator` the token of a member of staff. */
type Audience = 'public' | 'owner' | 'operator'

/** One call of the API: what it takes, what can go wrong, who may make it. Routes, validation and OpenAPI come from it. */
export interface Operation<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Headers extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
> {
  readonly id: string
  readonly method: HttpMethod
  /** As API Gateway writes it, such as `/v1/sites/{id}`. */
  readonly path: string
  readonly audience: Audience
  /** Which operators may; only where the audience is theirs. */
  readonly roles?: readonly OperatorRole[]
  readonly summary: string
  readonly params: Params
  readonly query: Query
  readonly headers: Headers
  readonly body: Body
  /** Where the body is taken as its bytes, of any content type, and not as JSON. */
  readonly rawBody?: { readonly largestBytes: number; readonly description: string }
  /** What can go wrong besides what can always go wrong with this audience and with a body. */
  readonly errors: readonly ErrorKind[]
}

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

/** Not even what nobody asked for: a misspelt parameter is heard of. */
export const nothing = z.strictObject({})

/** For an operation to start from: it then names only what it takes. */
export const takesNothing = { params: nothing, query: nothing, headers: nothing, body: nothing } as const

/** Of a body as JSON. */
const largestJsonBytes = 256 * 1024

/** How many bytes of a body an operation takes; a body that it does not read included. */
export const largestBodyOf = ({ rawBody }: Pick<Operation, 'rawBody'>): number =>
  rawBody?.largestBytes ?? largestJsonBytes

export const hasBody = (operation: Operation): boolean => operation.body !== nothing
