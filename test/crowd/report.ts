import * as z from 'zod'
import { secondsText } from '../../bin/command-line/read-options.ts'

export interface StormResult {
  readonly people: number
  readonly fromPool: number
  readonly stormMilliseconds: number
  readonly refillMilliseconds: number
  readonly steps: Readonly<Record<string, Figures>>
  readonly health: Figures
  readonly routes: Readonly<
    Record<string, { readonly statuses: Readonly<Record<string, number>>; readonly lost: number }>
  >
  readonly pool: { readonly ready: number; readonly target: number }
  readonly wrong: readonly string[]
}

const column = (value: number): string => value.toFixed(1).padStart(10)
const row = (name: string, { count, median, p99, max }: Figures): string =>
  `  ${name.padEnd(16)}${String(count).padStart(6)}${column(median)}${column(p99)}${column(max)}`

/** The result as lines for people. In milliseconds unless stated otherwise. */
export const report = (result: StormResult): readonly string[] => [
  `${result.people} people at once: ${result.fromPool} got a ready site, ${result.people - result.fromPool} had one built.`,
  `All of them had written and read their entry after ${secondsText(result.stormMilliseconds)}; the pool was full again ${secondsText(result.refillMilliseconds)} later (${result.pool.ready} of ${result.pool.target}).`,
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

/** Milliseconds, rounded to a tenth. */
export interface Figures {
  readonly count: number
  readonly median: number
  readonly p99: number
  readonly max: number
}

const tenth = (value: number): number => Math.round(value * 10) / 10

/** Nearest rank; zeros without measurements. */
export const figuresOf = (milliseconds: readonly number[]): Figures => {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const at = (share: number): number => tenth(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return { count: sorted.length, median: at(0.5), p99: at(0.99), max: at(1) }
}

const lineSchema = z.looseObject({ level: z.number(), msg: z.string() })

const warning = 40

const messageOf = (line: string): string | undefined => {
  try {
    const { data } = lineSchema.safeParse(JSON.parse(line))
    return data !== undefined && data.level >= warning ? data.msg : undefined
  } catch {
    // Lines that a host prints for people are not log lines.
    return undefined
  }
}

/** Counts a host's warnings in its output, by message. */
export const countWarnings = (output: string): Readonly<Record<string, number>> => {
  const messages = output.split('\n').flatMap((line) => messageOf(line) ?? [])
  return Object.fromEntries([...Map.groupBy(messages, (message) => message)].map(([what, same]) => [what, same.length]))
}
