import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import * as z from 'zod'
import { runCommand } from '../../bin/command-line/read-options.ts'

export interface Measurement {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly bar?: { readonly atMost: number } | { readonly atLeast: number }
}

/** Measurements of one test/bench. A note tells a reader more than the figures, such as what was left out. */
export interface Section {
  readonly title: string
  readonly measurements: readonly Measurement[]
  readonly notes: readonly string[]
}

/** A figure in the results file. `holds` is true without a bar. */
export const resultSchema = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  bar: z.number().optional(),
  holds: z.boolean(),
})
export type Result = z.infer<typeof resultSchema>

/** NaN misses every bar. */
export const resultOf = ({ name, value, unit, bar }: Measurement): Result => {
  if (bar === undefined) return { name, value, unit, holds: true }
  const result = { name, value, unit }
  return 'atMost' in bar
    ? { ...result, bar: bar.atMost, holds: value <= bar.atMost }
    : { ...result, bar: bar.atLeast, holds: value >= bar.atLeast }
}

/** The load of the machine: other work makes all absolute figures worse, and ratios less certain. */
const loadText = (): string =>
  `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`

const machineText = (): string => {
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${gibibytes} GiB, Node ${process.versions.node}`
}

const figure = (value: number): string => {
  if (!Number.isFinite(value)) return String(value)
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return Number.isInteger(value) ? String(value) : value.toFixed(digits)
}

const barText = (measurement: Measurement): string => {
  const { bar } = measurement
  if (bar === undefined) return ''
  const text = 'atMost' in bar ? `≤ ${figure(bar.atMost)}` : `≥ ${figure(bar.atLeast)}`
  return `${text.padEnd(10)}${resultOf(measurement).holds ? 'holds' : 'DOES NOT HOLD'}`
}

const row = (measurement: Measurement): string =>
  `  ${measurement.name.padEnd(66)}${figure(measurement.value).padStart(10)} ${measurement.unit.padEnd(12)}${barText(measurement)}`

export const sectionLines = ({ title, measurements, notes }: Section): readonly string[] =>
  [title, ...measurements.map(row), ...notes.map((note) => `  ${note}`), ''].map((line) => line.trimEnd())

/** Runs a bench: prints each section as it comes, and fails if a figure that decides misses its bar. */
export const runBench = <Schema extends z.ZodObject>(
  schema: Schema,
  usage: string,
  measure: (options: z.output<Schema>) => AsyncIterable<Section>,
  decides: (measurement: Measurement) => boolean = () => true,
): Promise<void> =>
  runCommand(schema, usage, async (options) => {
    const startedAt = performance.now()
    console.log(`${machineText()}, ${loadText()} at the start\n`)
    const missed: string[] = []
    for await (const section of measure(options)) {
      console.log(sectionLines(section).join('\n'))
      const results = section.measurements.filter(decides).map(resultOf)
      missed.push(...results.flatMap(({ name, holds }) => (holds ? [] : [name])))
    }
    console.log(`${Math.round((performance.now() - startedAt) / 1000)} s, ${loadText()} at the end`)
    console.log(missed.length === 0 ? 'Every bar holds.' : `Missed: ${missed.join('; ')}.`)
    return missed.length === 0
  })
