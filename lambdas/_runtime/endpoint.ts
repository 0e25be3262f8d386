import middy from '@middy/core'
import jsonBodyParser from '@middy/http-json-body-parser'
import type { Route } from '@middy/http-router'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { OperatorRole } from '../../core/events/actor.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { withoutHalves } from '../../core/text.ts'
import { requireRight } from '../accounts/team/rights.ts'
import type { Acting } from '../accounts/team/team.ts'
import { type AuditOrigin, operatorAudited, personAudited } from '../operators/audit/audit-entry.ts'
import type { CountRefusalPorts } from '../operators/audit/refusals.ts'
import { type Answer, toResult, toTaggedResult } from './answer.ts'
import { type AuthenticationPorts, authenticate, requireOwnerOrigin } from './authenticate.ts'
import {
  authenticateOperator,
  type OperatorAuthenticationPorts,
  requireOperatorOrigin,
  requireRole,
  type SignedInOperator,
} from './authenticate-operator.ts'
import { hasBody, largestBodyOf, type Operation, type OperationInput } from './operation.ts'
import { isPoll } from './own-headers.ts'
import { parseInput } from './parse-input.ts'
import { bodyTooLarge } from './problem.ts'
import { readText } from './read-text.ts'
import {
  actEntry,
  countingRefusals,
  enteredReads,
  originOf,
  type RecordingPorts,
  recordOrRefuse,
} from './record-requests.ts'

export type HttpRoute = Route<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>

const requireSmallBody = ({ body, isBase64Encoded }: APIGatewayProxyEventV2, largestBytes: number): void => {
  if (body === undefined || Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8') <= largestBytes) return
  throw bodyTooLarge(largestBytes)
}

/** JSON can write half of a character, which a store would replace: `readText` says why that is refused. */
const requireWholeCharacters = (body: unknown): void => {
  const json = JSON.stringify(body)
  if (withoutHalves(json) === json) return
  throw new SitewrightError(
    'MalformedBody',
    'The body has a text with half of a character: a surrogate without its pair.',
  )
}

const bytesOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): Buffer =>
  Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')

/** Many clients send no body with a DELETE: the refusal then names the missing fields. */
const fillEmptyBody = (event: APIGatewayProxyEventV2): void => {
  if (event.requestContext.http.method !== 'DELETE' || event.body !== undefined) return
  event.headers = { ...event.headers, 'content-type': 'application/json' }
  event.body = '{}'
}

/** Only the headers in the schema, because every request has others. */
const askedHeaders = (schema: z.ZodObject, headers: APIGatewayProxyEventV2['headers']): Record<string, unknown> =>
  Object.fromEntries(Object.keys(schema.shape).map((name) => [name, headers[name]]))

const route = (
  operation: Operation,
  handle: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>,
): HttpRoute => {
  const handler = middy(handle)
  if (hasBody(operation)) {
    handler
      .before(({ event }) => {
        requireSmallBody(event, largestBodyOf(operation))
        fillEmptyBody(event)
        if (event.body !== undefined) event.body = readText(bytesOf(event))
        event.isBase64Encoded = false
      })
      .use(jsonBodyParser())
      .before(({ event }) => requireWholeCharacters(event.body))
  }
  return { method: operation.method, path: operation.path, handler }
}

const readInput = <Known extends Operation>(
  operation: Known,
  event: APIGatewayProxyEventV2,
): OperationInput<Known> => ({
  params: parseInput<Known['params']>(operation.params, event.pathParameters ?? {}, 'params'),
  query: parseInput<Known['query']>(operation.query, event.queryStringParameters ?? {}, 'query'),
  headers: parseInput<Known['headers']>(operation.headers, askedHeaders(operation.headers, event.headers), 'headers'),
  body: parseInput<Known['body']>(operation.body, hasBody(operation) ? event.body : {}, 'body'),
})

export const publicEndpoint = <Known extends Operation & { audience: 'public' }>(
  operation: Known,
  handle: (
    input: OperationInput<Known>,
    context: { requestId: string; sourceIp: string; userAgent: string | undefined; cookies: readonly string[] },
  ) => Promise<Answer>,
): HttpRoute =>
  route(operation, async (event) =>
    toResult(
      await handle(readInput(operation, event), {
        requestId: event.requestContext.requestId,
        sourceIp: event.requestContext.http.sourceIp,
        userAgent: event.headers['user-agent'],
        cookies: event.cookies ?? [],
      }),
    ),
  )

/** A public operation that gets its body as unchanged bytes. */
export const rawEndpoint = <Known extends Operation & { audience: 'public'; rawBody: object }>(
  operation: Known,
  handle: (
    input: Omit<OperationInput<Known>, 'body'> & { readonly bytes: Uint8Array },
    context: { requestId: string; sourceIp: string; origin: string | undefined },
  ) => Promise<Answer>,
): HttpRoute =>
  route(operation, async (event) => {
    requireSmallBody(event, largestBodyOf(operation))
    const { body: _, ...input } = readInput(operation, event)
    const { requestId, http } = event.requestContext
    const context = { requestId, sourceIp: http.sourceIp, origin: event.headers['origin'] }
    return toResult(await handle({ ...input, bytes: bytesOf(event) }, context))
  })

export interface OwnerPorts extends AuthenticationPorts, CountRefusalPorts {
  readonly sites: Pick<SiteStore, 'get'>
}

const siteIdOf = ({ path }: Operation, { pathParameters }: APIGatewayProxyEventV2): string | undefined =>
  path.startsWith('/v1/sites/{id}') ? pathParameters?.['id'] : undefined

/**
 * An operation for the people of an account, and their tokens. It authenticates and asks for their rights before it validates the
 * request, and counts refusals.
 */
export const ownerEndpoint = <Known extends Operation & { audience: 'owner' }>(
  operation: Known,
  ports: OwnerPorts,
  handle: (
    input: OperationInput<Known>,
    context: { requestId: string; session: Acting; from: AuditOrigin },
  ) => Promise<Answer>,
): HttpRoute =>
  route(operation, async (event) => {
    const session = await authenticate(ports, event)
    const from = originOf(event)
    const by = { who: personAudited(session), accountId: session.accountId, from }
    return countingRefusals(ports, by, async () => {
      requireOwnerOrigin(event, ports)
      await requireRight(ports, operation.id, session, siteIdOf(operation, event))
      const { requestId } = event.requestContext
      return toTaggedResult(operation, event, await handle(readInput(operation, event), { requestId, session, from }))
    })
  })

export interface OperatorPorts extends OperatorAuthenticationPorts, RecordingPorts {}

/**
 * An operation for staff with certain roles. It authenticates and authorizes before it validates the request. Every call is in the
 * audit log before it is answered: an act before it happens, a read once it is known whose data it shows.
 */
export const operatorEndpoint = <Known extends Operation & { audience: 'operator'; roles: readonly OperatorRole[] }>(
  operation: Known,
  ports: OperatorPorts,
  handle: (input: OperationInput<Known>, context: { requestId: string; operator: SignedInOperator }) => Promise<Answer>,
): HttpRoute => {
  const entered = enteredReads()
  return route(operation, async (event) => {
    const operator = await authenticateOperator(ports, event)
    const by = { who: operatorAudited(operator), from: originOf(event) }
    return countingRefusals(ports, by, async () => {
      requireOperatorOrigin(operator, event, ports.consoleUrl)
      requireRole(operator, operation.roles)
      const { requestId } = event.requestContext
      const input = readInput(operation, event)
      const entry = actEntry(ports, { ...by, requestId, action: operation.id }, input)
      const isRead = operation.method === 'GET'
      if (!isRead) await recordOrRefuse(ports, entry)
      const answer = await handle(input, { requestId, operator })
      const { concerns: targets = entry.targets } = answer
      const read = { ...entry, targets: [...targets] }
      if (isRead && !(isPoll(event) && entered.has(operator, read))) {
        await recordOrRefuse(ports, read)
        entered.add(operator, read)
      }
      return toTaggedResult(operation, event, answer)
    })
  })
}
