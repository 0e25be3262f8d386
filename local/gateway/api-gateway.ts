import type { IncomingMessage, ServerResponse } from 'node:http'
import { SitewrightError } from '../../core/errors.ts'
import type { Log, Randomness } from '../../core/ports/context.ts'
import { bodyTooLarge } from '../../lambdas/_runtime/body-too-large.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import type { LoadedFunction } from '../load-functions.ts'
import { httpEvent } from './http-event.ts'
import { readBody } from './read-body.ts'
import type { RouteMatch } from './routes.ts'
import { createRoutes } from './routes.ts'
import { sendResult } from './send-result.ts'
import { sourceIpOf } from './source-ip.ts'

const bodyPatienceMilliseconds = 15_000

const refusals = {
  'too-slow': new SitewrightError('MalformedBody', 'The body did not arrive in time.'),
  aborted: new SitewrightError('MalformedBody', 'The body ended early.'),
}

/** Stands in for API Gateway: turns requests into events for the functions of the manifest, and answers with theirs. */
export const createApiGateway = (
  functions: readonly LoadedFunction[],
  { randomness, log, proxies = [] }: { randomness: Randomness; log: Log; proxies?: readonly string[] },
) => {
  const routeOf = createRoutes(functions)

  const findRoute = (request: IncomingMessage, url: URL, response: ServerResponse): RouteMatch => {
    const routing = routeOf(request.method ?? '', url.pathname)
    if ('match' in routing) return routing.match
    if (routing.allowed.length === 0) throw new SitewrightError('NotFound', 'There is no such path.')
    response.setHeader('allow', routing.allowed.join(', '))
    throw new SitewrightError('MethodNotAllowed', `This path takes ${routing.allowed.join(', ')}.`)
  }

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    requestId: string,
  ): Promise<unknown> => {
    const { function: loaded, routeKey, pathParameters, largestBytes } = findRoute(request, url, response)
    const read = await readBody(request, {
      largestBytes,
      patienceMilliseconds: bodyPatienceMilliseconds,
    })
    if ('refused' in read) throw read.refused === 'too-large' ? bodyTooLarge(largestBytes) : refusals[read.refused]
    const sourceIp = sourceIpOf(request, proxies)
    return loaded.invoke(httpEvent(request, { url, routeKey, pathParameters, body: read.body, requestId, sourceIp }))
  }

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const requestId = randomness.id('req')
    response.setHeader('x-request-id', requestId)
    let result: unknown
    try {
      result = await answer(request, response, url, requestId)
    } catch (error) {
      const known = error instanceof URIError ? new SitewrightError('InvalidRequest', 'The path is not valid.') : error
      if (!(known instanceof SitewrightError)) log.error({ requestId, err: known }, 'a function could not answer')
      result = problemResponse(known, requestId)
    }
    sendResult(request, response, result)
  }
}
