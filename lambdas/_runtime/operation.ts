import * as z from 'zod'
import type { ErrorKind } from '../../core/errors.ts'
import type { OperatorRole } from '../../core/events/actor.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
type HttpMethod = (typeof methods)[number]

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
  readonly rawBody?: {
    readonly largestBytes: number
    readonly description: string
    /** It is from a page without JavaScript: most refusals are plain text for the person there. */
    readonly refusesInWords?: true
  }
  /** The possible errors besides those of its audience and of every body. */
  readonly errors: readonly ErrorKind[]
}

interface AnswerForm {
  readonly description: string
  readonly schema?: z.ZodType
  /** JSON by default. */
  readonly contentType?: 'text/plain' | 'application/jsonl' | 'text/csv'
  /** What it may be instead of JSON, if the request asks for it. */
  readonly orText?: 'text/csv'
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

type Input = 'params' | 'query' | 'headers' | 'body'
type Paths = Readonly<Record<Lowercase<HttpMethod>, string>>

/** An operation as a capability writes it: its method names the path, and what it does not take is left out. */
type Written = Pick<Operation, 'summary'> &
  Partial<Pick<Operation, Input | 'audience' | 'roles' | 'description' | 'rawBody' | 'errors'> & Paths> &
  { [Method in keyof Paths]: Pick<Paths, Method> }[keyof Paths]

type Common = Pick<Operation, 'audience' | 'roles'>
type OperationOf<Base, Known> = Omit<Base & Pick<Operation, 'id' | 'method' | 'path'>, keyof Known> &
  Omit<Known, keyof Paths>

/** Makes the operations of a capability from what it writes by their ids. What is common holds for those that do not say otherwise. */
export const operationsFor = <const Who extends Common>(who: Who) => {
  const common = { ...takesNothing, errors: [], ...who } as const
  function operations<const All extends Readonly<Record<string, Written>>>(
    all: All,
  ): { readonly [Id in keyof All]: OperationOf<typeof common, All[Id]> }
  function operations(all: Readonly<Record<string, Written>>): object {
    const made = Object.entries(all).flatMap(([id, { get, post, put, patch, delete: removal, ...written }]) => {
      const paths = { GET: get, POST: post, PUT: put, PATCH: patch, DELETE: removal }
      return methods.flatMap((method) => {
        const path = paths[method]
        return path === undefined ? [] : [[id, { ...common, ...written, id, method, path }] as const]
      })
    })
    return Object.fromEntries(made)
  }
  return operations
}

export const forAnybody = operationsFor({ audience: 'public' })
export const forOwners = operationsFor({ audience: 'owner' })
export const forOperators = operationsFor({ audience: 'operator' })

/** Who may use an operation for operators. */
export const everybody = ['support', 'sales', 'admin'] as const
export const support = ['support', 'admin'] as const
export const sales = ['sales', 'admin'] as const
export const admin = ['admin'] as const
