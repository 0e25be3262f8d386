import type { IncomingMessage, ServerResponse } from 'node:http'
import { SitewrightError } from '../../core/errors.ts'
import type { Log, Randomness } from '../../core/ports/context.ts'
import { largestBodyOf } from '../../lambdas/_runtime/operation.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { httpTriggersOf } from '../../lambdas/manifest.ts'
import type { LoadedFunction } from '../loaded-function.ts'
import { httpEvent, sourceIpOf } from './http-event.ts'
import { requireBody } from './read-body.ts'
import { type Serve, sendResult } from './send-result.ts'

interface RouteMatch {
  readonly function: LoadedFunction
  /** As API Gateway writes it, such as `GET /v1/sites/{id}`. */
  readonly routeKey: string
  readonly pathParameters: Record<string, string>
  readonly largestBytes: number
}

/** A match, or the methods that the path allows. */
type Routing = { readonly match: RouteMatch } | { readonly allowed: readonly string[] }

const compile = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.+*?^$()|[\]\\]/g, '\\$&').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

/**
 * Finds the function of a path by the manifest's routes.
 * @throws {URIError} if a parameter has a malformed percent sign.
 */
export const createRoutes = (functions: readonly LoadedFunction[]): ((method: string, path: string) => Routing) => {
  const routes = functions.flatMap((loaded) =>
    httpTriggersOf(loaded.definition)
      .flatMap(({ operations }) => operations)
      .map((operation) => ({ operation, loaded, pattern: compile(operation.path) })),
  )
  return (method, path) => {
    const onPath = routes.filter(({ pattern }) => pattern.test(path))
    const route = onPath.find(({ operation }) => operation.method === method)
    // Another path may fit too, as `/v1/leads/{id}` fits `/v1/leads/export`.
    if (route === undefined) return { allowed: [...new Set(onPath.map(({ operation }) => operation.method))] }
    const groups = Object.entries(route.pattern.exec(path)?.groups ?? {})
    const pathParameters = Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]))
    const largestBytes = largestBodyOf(route.operation)
    return {
      match: { function: route.loaded, routeKey: `${method} ${route.operation.path}`, pathParameters, largestBytes },
    }
  }
}

/** Stands in for API Gateway: turns requests into events for the functions of the manifest, and sends their answers. */
export const createApiGateway = (
  functions: readonly LoadedFunction[],
  { randomness, log, proxies = [] }: { randomness: Randomness; log: Log; proxies?: readonly string[] },
): Serve => {
  const routeOf = createRoutes(functions)

  const findRoute = ({ method = '' }: IncomingMessage, path: string, response: ServerResponse): RouteMatch => {
    const routing = routeOf(method, path)
    if ('match' in routing) return routing.match
    if (routing.allowed.length === 0) throw new SitewrightError('NotFound', 'There is no such path.')
    const allowed = routing.allowed.join(', ')
    response.setHeader('allow', allowed)
    throw new SitewrightError('MethodNotAllowed', `This path allows ${allowed}.`)
  }

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    requestId: string,
  ): Promise<unknown> => {
    const { function: loaded, routeKey, pathParameters, largestBytes } = findRoute(request, url.pathname, response)
    const body = await requireBody(request, largestBytes)
    const sourceIp = sourceIpOf(request, proxies)
    return loaded.invoke(httpEvent(request, { url, routeKey, pathParameters, body, requestId, sourceIp }))
  }

  return async (request, response, url) => {
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
