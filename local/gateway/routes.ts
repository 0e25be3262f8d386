import { largestBodyOf } from '../../lambdas/_runtime/operation.ts'
import { httpTriggersOf } from '../../lambdas/manifest.ts'
import type { LoadedFunction } from '../load-functions.ts'

export interface RouteMatch {
  readonly function: LoadedFunction
  /** As API Gateway writes it, such as `GET /v1/sites/{id}`. */
  readonly routeKey: string
  readonly pathParameters: Record<string, string>
  /** Of its body. */
  readonly largestBytes: number
}

export type Routing =
  | { readonly match: RouteMatch }
  /** The methods that the path has; none where there is no such path. */
  | { readonly allowed: readonly string[] }

interface CompiledRoute {
  readonly method: string
  readonly pattern: RegExp
  readonly function: LoadedFunction
  readonly routeKey: string
  readonly largestBytes: number
}

const compile = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.+*?^$()|[\]\\]/g, '\\$&').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

/**
 * Finds the function behind a path, by the routes that the manifest declares.
 * @throws {URIError} where a percent sign in a parameter leads nowhere.
 */
export const createRoutes = (functions: readonly LoadedFunction[]): ((method: string, path: string) => Routing) => {
  const routes: readonly CompiledRoute[] = functions.flatMap((loaded) =>
    httpTriggersOf(loaded.definition)
      .flatMap(({ operations }) => operations)
      .map((operation) => ({
        method: operation.method,
        pattern: compile(operation.path),
        function: loaded,
        routeKey: `${operation.method} ${operation.path}`,
        largestBytes: largestBodyOf(operation),
      })),
  )

  return (method, path) => {
    const onPath = routes.filter(({ pattern }) => pattern.test(path))
    const route = onPath.find((candidate) => candidate.method === method)
    if (route === undefined) return { allowed: onPath.map((candidate) => candidate.method) }
    const groups = Object.entries(route.pattern.exec(path)?.groups ?? {})
    const pathParameters = Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]))
    const { routeKey, largestBytes } = route
    return { match: { function: route.function, routeKey, pathParameters, largestBytes } }
  }
}
