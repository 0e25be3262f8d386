import { randomBytes } from 'node:crypto'
import { demoApi } from '../demo/api.ts'
import type { Answer, Call } from '../demo/http-call.ts'
import { httpCall } from '../demo/http-call.ts'
import { awaitPool } from '../temporary-home/temporary-home.ts'
import type { Figures, StormResult } from './report.ts'
import { figuresOf } from './report.ts'
import type { Person, Step } from './verify-crowd.ts'
import { goThrough, personOf, steps, verifyCrowd } from './verify-crowd.ts'

const refillPatienceMilliseconds = 180_000

const figuresBySteps = (people: readonly Person[]): Record<string, Figures> =>
  Object.fromEntries(
    [...steps, 'code to site' as const].map((step: Step) => [
      step,
      figuresOf(people.flatMap(({ milliseconds }) => milliseconds.get(step) ?? [])),
    ]),
  )

/** No answer of ours may be a 5xx, and every request has an answer. */
const badAnswers = ({ routes }: CallRecord): readonly string[] =>
  [...routes].flatMap(([route, { statuses, lost }]) => [
    ...[...statuses].flatMap(([status, count]) => (status >= 500 ? [`${route}: ${count} × ${status}`] : [])),
    ...(lost.length > 0 ? [`${route}: ${lost.length} requests without an answer, the first: ${lost[0]}`] : []),
  ])

/** So many people at once sign up, get their site and use it; then everything that should hold is looked at. */
export const storm = async (origin: string, size: number): Promise<StormResult> => {
  const run = randomBytes(4).toString('hex')
  const record = createCallRecord(origin)
  const people = Array.from({ length: size }, (_, index) => personOf(index + 1, run))
  const health = watchHealth(origin)
  const startedAt = performance.now()
  await Promise.all(people.map((person) => goThrough(person, origin, record.call)))
  const endedAt = performance.now()
  const sampled = await health.stop()
  const pool = await awaitPool(origin, refillPatienceMilliseconds)
  const refilledAt = performance.now()
  const wrong = [
    ...(await verifyCrowd(people, origin, record.call)),
    ...badAnswers(record),
    ...sampled.failures.slice(0, 3).map((failure) => `GET /v1/health while they came: ${failure}`),
    ...(pool.ready === pool.target ? [] : [`the pool holds ${pool.ready} of ${pool.target} sites`]),
  ]
  return {
    people: size,
    fromPool: people.filter(({ wasReady }) => wasReady).length,
    stormMilliseconds: Math.round(endedAt - startedAt),
    refillMilliseconds: Math.round(refilledAt - endedAt),
    steps: figuresBySteps(people),
    health: figuresOf(sampled.milliseconds),
    routes: Object.fromEntries(
      [...record.routes].map(([route, { statuses, lost }]) => [
        route,
        { statuses: Object.fromEntries(statuses), lost: lost.length },
      ]),
    ),
    pool: { ready: pool.ready, target: pool.target },
    wrong,
  }
}

const everyMilliseconds = 100

/**
 * Asks for the host's health ten times a second without waiting for the answer before: a client that waits would not see how
 * long others wait.
 */
const watchHealth = (origin: string) => {
  const { health } = demoApi(origin)
  const milliseconds: number[] = []
  const failures: string[] = []
  const underWay = new Set<Promise<void>>()
  const sample = async (): Promise<void> => {
    const startedAt = performance.now()
    try {
      await health()
      milliseconds.push(performance.now() - startedAt)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  const timer = setInterval(() => {
    const sampling = sample().finally(() => underWay.delete(sampling))
    underWay.add(sampling)
  }, everyMilliseconds)
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(underWay)
      return { milliseconds, failures }
    },
  }
}

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
const createCallRecord = (origin: string) => {
  const routes = new Map<string, RouteRecord>()
  const recordOf = (route: string): RouteRecord => {
    const record = routes.get(route) ?? { statuses: new Map(), milliseconds: [], lost: [] }
    routes.set(route, record)
    return record
  }
  return {
    routes,
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

type CallRecord = ReturnType<typeof createCallRecord>
