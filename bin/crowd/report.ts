import type { Figures } from './figures.ts'
import type { StormResult } from './storm.ts'

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`
const column = (value: number): string => value.toFixed(1).padStart(10)
const row = (name: string, { count, median, p99, max }: Figures): string =>
  `  ${name.padEnd(16)}${String(count).padStart(6)}${column(median)}${column(p99)}${column(max)}`

/** The result as lines for people. Milliseconds unless it says otherwise. */
export const report = (result: StormResult): readonly string[] => [
  `${result.people} people at once: ${result.fromPool} got a site that stood ready, ${result.people - result.fromPool} had one built.`,
  `All of them had written and read their entry after ${seconds(result.stormMilliseconds)}; the pool was full again ${seconds(result.refillMilliseconds)} later (${result.pool.ready} of ${result.pool.target}).`,
  '',
  `  ${'milliseconds'.padEnd(16)}${'n'.padStart(6)}${'median'.padStart(10)}${'p99'.padStart(10)}${'max'.padStart(10)}`,
  ...Object.entries(result.steps).map(([step, figures]) => row(step, figures)),
  row('GET /v1/health', result.health),
  '',
  ...Object.entries(result.routes).map(([route, { statuses, lost }]) => {
    const counts = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`)
    return `  ${route.padEnd(40)} ${[...counts, ...(lost > 0 ? [`${lost} without an answer`] : [])].join(', ')}`
  }),
]
