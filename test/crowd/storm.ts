import { randomBytes } from 'node:crypto'
import { demoApi } from '../acceptance/api.ts'
import { type Answer, type Call, httpCall } from '../support/http-call.ts'
import { awaitPool } from '../support/temporary-home/temporary-home.ts'
import { type Figures, figuresOf, type StormResult } from './report.ts'
import { goThrough, type Person, personOf, type Step, steps, verifyCrowd } from './verify-crowd.ts'

const refillPatienceMilliseconds = 180_000

const figuresBySteps = (people: readonly Person[]): Record<string, Figures> =>
  Object.fromEntries(
    [...steps, 'code to site' as const].map((step: Step) => [
      step,
      figuresOf(people.flatMap(({ milliseconds }) => milliseconds.get(step) ?? [])),
    ]),
  )

/** Every request must have an answer, and no answer may be a 5xx, except one that came late. */
export const badAnswers = ({ routes }: CallRecord): readonly string[] =>
  [...routes].flatMap(([route, { statuses, lost }]) => [
    ...[...statuses].flatMap(([status, count]) => (Number(status) >= 500 ? [`${route}: ${count} × ${status}`] : [])),
    ...(lost.length > 0 ? [`${route}: ${lost.length} requests without an answer, the first: ${lost[0]}`] : []),
  ])

/** Lets this many people sign up at once, get a site and use it; then checks everything that should hold. */
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

/** The figures say how long each step waited. Only what nobody answers is lost, however busy the machine is. */
const patiently = (call: Call): Promise<Answer> => httpCall({ patienceMilliseconds: 180_000, ...call })

/**
 * Requests the host's health ten times a second without waiting for the previous answer: a client that waits would not
 * measure how long others wait.
 */
const watchHealth = (origin: string) => {
  const { health } = demoApi(origin, undefined, patiently)
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

/** The shortest timeout of the API's functions is 15 s. On a busy machine requests exceed it, and are repeated as the answer says. */
const lateMilliseconds = 14_000
const latePatienceMilliseconds = 300_000
const late = 'late 503'

interface RouteRecord {
  readonly statuses: Map<string, number>
  /** Requests without any answer, and why. */
  readonly lost: string[]
}

/** Replaces ids and names by placeholders: `GET /v1/sites/{id}`, `GET site /api/entries`. */
const routeOf = ({ method = 'GET', url: address }: Call, origin: string): string => {
  const url = new URL(address)
  const path = url.pathname.replaceAll(/\/[a-z]+_[0-9a-z]{26}(?=\/|$)/g, '/{id}')
  return url.origin === origin ? `${method} ${path}` : `${method} site ${path}`
}

/** @param origin the host's; all other origins are sites. */
export const createCallRecord = (origin: string, makeCall: (call: Call) => Promise<Answer> = patiently) => {
  const routes = new Map<string, RouteRecord>()
  const recordOf = (route: string): RouteRecord => {
    const record = routes.get(route) ?? { statuses: new Map(), lost: [] }
    routes.set(route, record)
    return record
  }
  const callOnce = async (call: Call): Promise<{ readonly answer: Answer; readonly isLate: boolean }> => {
    const record = recordOf(routeOf(call, origin))
    try {
      const answer = await makeCall(call)
      const isLate = answer.status === 503 && answer.firstByteMilliseconds >= lateMilliseconds
      const status = isLate ? late : String(answer.status)
      record.statuses.set(status, (record.statuses.get(status) ?? 0) + 1)
      return { answer, isLate }
    } catch (error) {
      record.lost.push(error instanceof Error ? error.message : String(error))
      throw error
    }
  }
  return {
    routes,
    call: async (call: Call): Promise<Answer> => {
      const givenUpAt = performance.now() + latePatienceMilliseconds
      for (;;) {
        const { answer, isLate } = await callOnce(call)
        if (!isLate || performance.now() > givenUpAt) return answer
      }
    },
  }
}

type CallRecord = ReturnType<typeof createCallRecord>
