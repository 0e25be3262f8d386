import middy from '@middy/core'
import httpRouterHandler from '@middy/http-router'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import * as z from 'zod'
import { type ErrorKind, SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import { behindEdge, type OriginSecrets } from './behind-edge.ts'
import type { HttpRoute } from './endpoint.ts'
import { problemForms, problemResponse } from './problem.ts'

/** The errors of middy's own middlewares, which have only a status, no kind of ours. */
const ofMiddy: ReadonlyMap<unknown, readonly [ErrorKind, string]> = new Map([
  [404, ['NotFound', 'There is no such path.']],
  [415, ['UnsupportedMediaType', "Send the body as JSON, with 'content-type: application/json'."]],
  [422, ['MalformedBody', 'The body is not valid JSON.']],
])

const fromMiddy = (error: unknown): unknown => {
  if (error instanceof SitewrightError || !(error instanceof Error) || !('statusCode' in error)) return error
  const known = ofMiddy.get(error.statusCode)
  return known === undefined ? error : new SitewrightError(...known)
}

/** Throttling: an AWS service reports it as the client's error, although the request is valid. */
const throttlingNames: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
])

const sdkErrorSchema = z.object({
  $fault: z.string().optional(),
  $retryable: z.object({ throttling: z.boolean().optional() }).optional(),
})

/** An engine that does not answer shows as our own timeout, or as the SDK's error after its last attempt. */
const isPassing = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  if (error.name === 'TimeoutError') return true
  const ofSdk = '$metadata' in error ? sdkErrorSchema.safeParse(error).data : undefined
  if (ofSdk === undefined) return false
  return ofSdk.$fault !== 'client' || ofSdk.$retryable?.throttling === true || throttlingNames.has(error.name)
}

const known = (error: unknown): unknown =>
  isPassing(error)
    ? new SitewrightError('Unavailable', 'This is temporarily unavailable. Try again in a moment.', { cause: error })
    : fromMiddy(error)

const logError = (log: Log, error: unknown, { requestContext }: APIGatewayProxyEventV2): void => {
  const fields = { requestId: requestContext.requestId, route: requestContext.routeKey }
  if (!(error instanceof SitewrightError))
    log.error({ event: 'request-failed-unexpectedly', ...fields, err: error }, 'a request failed unexpectedly')
  else if (problemForms[error.kind].status >= 500) log.error({ ...fields, err: error }, 'a request failed')
  else log.info({ event: 'request-refused', ...fields, kind: error.kind }, 'a request was refused')
}

export interface HttpPorts {
  readonly log: Log
  /** The secrets that show that a request came through the distribution in front; undefined without one. */
  readonly originSecrets?: OriginSecrets | undefined
}

/** The chain of every function behind the API: routes, and one place that turns errors into problems. */
export const httpHandler = (routes: readonly HttpRoute[], { log, originSecrets }: HttpPorts) =>
  middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(behindEdge(originSecrets))
    .onError((request) => {
      const error = known(request.error)
      logError(log, error, request.event)
      request.response = problemResponse(error, request.event.requestContext.requestId)
    })
    .handler(httpRouterHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({ routes: [...routes] }))
