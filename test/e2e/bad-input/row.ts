import type { StartedHost } from '../../support/start-host.ts'
import type { Call } from '../call.ts'
import type { signIn } from '../visitor.ts'

type Person = Awaited<ReturnType<typeof signIn>>

/** A running host, an owner with a site called `taken`, and somebody who has none yet. */
export interface Scene {
  readonly host: StartedHost
  readonly owner: Person
  readonly newcomer: Person
  readonly siteId: string
}

export type Request = Call | ((scene: Scene) => Call | Promise<Call>)

export interface Row {
  readonly name: string
  readonly request: Request
  readonly status: number
  /** The last part of the problem's type. */
  readonly type: string
  /** A part of the dotted path that is named as wrong. */
  readonly field?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The same request corrected, and its status. */
  readonly corrected?: readonly [Request, number]
}

/** A row: what is refused, with which status, type and, if one is named, field. */
export const row = (
  name: string,
  [status, type, field]: readonly [status: number, type: string, field?: string],
  request: Request,
  more: Pick<Row, 'headers' | 'corrected'> = {},
): Row => ({ name, request, status, type, ...(field === undefined ? {} : { field }), ...more })

let people = 0

/** An address of its own each time, since there is a limit to the codes that one gets. */
export const anyone = (): string => {
  people += 1
  return `person-${people}@example.com`
}
export const json = { 'content-type': 'application/json' }

export const signup = (body: Call['body'], headers: Readonly<Record<string, string>> = json): Call => ({
  method: 'POST',
  path: '/v1/signups',
  headers,
  ...(body === undefined ? {} : { body }),
})
export const goodSignup = () => [signup({ email: anyone() }), 201] as const

export const site =
  (body: object, headers: Readonly<Record<string, string>> = {}) =>
  ({ newcomer }: Scene): Call => ({
    method: 'POST',
    path: '/v1/sites',
    body,
    headers: { ...newcomer.bearer, ...headers },
  })

export const get = (path: string, headers: Readonly<Record<string, string>> = {}): Call => ({ path, headers })
export const asOwner =
  (path: string) =>
  ({ owner }: Scene): Call =>
    get(path, owner.bearer)

/** An id of no one, without its prefix. */
export const unknownId = '01jq3v5k8m0000000000000000'
