import { describe, expect, it } from 'vitest'
import { resultOf, resultSchema, sectionLines } from './measurement.ts'

const measured = (value: number, bar?: { atMost: number } | { atLeast: number }) => ({
  name: 'a figure',
  value,
  unit: 'ms',
  ...(bar === undefined ? {} : { bar }),
})

describe('a result', () => {
  it.each([
    { value: 300, bar: { atMost: 300 }, holds: true },
    { value: 300.1, bar: { atMost: 300 }, holds: false },
    { value: 1, bar: { atLeast: 1 }, holds: true },
    { value: 0.99, bar: { atLeast: 1 }, holds: false },
    { value: Number.NaN, bar: { atMost: 300 }, holds: false },
    { value: Number.NaN, bar: { atLeast: 1 }, holds: false },
  ])('of $value held to $bar says that it holds: $holds', ({ value, bar, holds }) => {
    expect(resultOf(measured(value, bar))).toEqual({
      name: 'a figure',
      value,
      unit: 'ms',
      bar: Object.values(bar)[0],
      holds,
    })
  })

  it('without a bar holds, and names none', () => {
    expect(resultOf(measured(7))).toEqual({ name: 'a figure', value: 7, unit: 'ms', holds: true })
  })

  it.each([measured(7), measured(7, { atMost: 1 })])('has the form that is written to a file', (measurement) => {
    expect(resultSchema.parse(JSON.parse(JSON.stringify(resultOf(measurement))))).toEqual(resultOf(measurement))
  })

  it('that is no number does not have that form', () => {
    const written: unknown = JSON.parse(JSON.stringify(resultOf(measured(Number.NaN))))
    expect(resultSchema.safeParse(written).success).toBe(false)
  })
})

describe('a section for people', () => {
  it('says of each figure what it is held to and whether it holds', () => {
    const lines = sectionLines({
      title: 'Claims',
      measurements: [measured(250, { atMost: 300 }), measured(0.5, { atLeast: 1 }), measured(12.34)],
      notes: ['nginx is not installed, and left out.'],
    })
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'Claims',
      ' a figure 250 ms ≤ 300 holds',
      ' a figure 0.50 ms ≥ 1 DOES NOT HOLD',
      ' a figure 12.3 ms',
      ' nginx is not installed, and left out.',
      '',
    ])
  })
})
