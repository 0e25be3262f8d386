import type { Measurement, Section } from './measurement.ts'
import { resultOf } from './measurement.ts'

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

/** A section as lines for people. */
export const sectionLines = ({ title, measurements, notes }: Section): readonly string[] =>
  [title, ...measurements.map(row), ...notes.map((note) => `  ${note}`), ''].map((line) => line.trimEnd())
