import * as z from 'zod'

/** One figure, and what it is held to, if anything. */
export interface Measurement {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly bar?: { readonly atMost: number } | { readonly atLeast: number }
}

/** What was measured together. A note says what a reader needs beside the figures, such as what was left out. */
export interface Section {
  readonly title: string
  readonly measurements: readonly Measurement[]
  readonly notes: readonly string[]
}

/** A figure as it is written to a file. `holds` is true where there is no bar. */
export const resultSchema = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  bar: z.number().optional(),
  holds: z.boolean(),
})
export type Result = z.infer<typeof resultSchema>

/** A value that is no number misses every bar. */
export const resultOf = ({ name, value, unit, bar }: Measurement): Result => {
  if (bar === undefined) return { name, value, unit, holds: true }
  const result = { name, value, unit }
  return 'atMost' in bar
    ? { ...result, bar: bar.atMost, holds: value <= bar.atMost }
    : { ...result, bar: bar.atLeast, holds: value >= bar.atLeast }
}
