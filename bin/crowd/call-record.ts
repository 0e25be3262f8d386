import type { Answer, Call } from '../demo/http-call.ts'
import { httpCall } from '../demo/http-call.ts'

/** What came of all calls to one route. */
interface RouteRecord {
  readonly statuses: Map<number, number>
  readonly milliseconds: number[]
  /** Calls that had no answer at all, and why. */
  readonly lost: string[]
}

/** Ids and names become places: `GET /v1/sites/{id}`, `GET site /api/entries`. */
const routeOf = ({ method = 'GET', url: address }: Call, origin: string): string => {
  const url = new URL(address)
  const path = url.pathname.replaceAll(/\/[a-z]+_[0-9a-z]{26}(?=\/|$)/g, '/{id}')
  return url.origin === origin ? `${method} ${path}` : `${method} site ${path}`
}

/** @param origin of the host; every other one is a site's. */
export const createCallRecord = (origin: string) => {
  const routes = new Map<string, RouteRecord>()
  const recordOf = (route: string): RouteRecord => {
    const record = routes.get(route) ?? { statuses: new Map(), milliseconds: [], lost: [] }
    routes.set(route, record)
    return record
  }
  return {
    routes,
    /** Makes a call and records its status and time. */
    call: async (call: Call): Promise<Answer> => {
      const record = recordOf(routeOf(call, origin))
      const startedAt = performance.now()
      try {
        const answer = await httpCall(call)
        record.statuses.set(answer.status, (record.statuses.get(answer.status) ?? 0) + 1)
        record.milliseconds.push(performance.now() - startedAt)
        return answer
      } catch (error) {
        record.lost.push(error instanceof Error ? error.message : String(error))
        throw error
      }
    },
  }
}

export type CallRecord = ReturnType<typeof createCallRecord>
