import { expect, it, vi } from 'vitest'
import { measureChange } from './change/measure-change.ts'

vi.setConfig({ testTimeout: 600_000 })

it.each(['exclusive', 'shared'] as const)(
  'a plan that is bought, and changed down and up, fails no request and loses no write, %s data',
  async (data) => {
    const { measurements, notes } = await measureChange({
      runtime: 'processes',
      data,
      connections: 50,
      quietMilliseconds: 300,
    })
    expect(notes).toEqual([])
    const figureOf = (name: string) => measurements.find((measurement) => measurement.name === name)?.value
    for (const change of [
      'growth bought: from webhook accepted to feature usable',
      'down to starter: longest held request',
    ])
      expect(figureOf(change)).toBeGreaterThanOrEqual(0)
    expect(figureOf('acknowledged writes')).toBeGreaterThan(0)
    expect(['failed requests', 'lost writes', 'duplicate writes'].map(figureOf)).toEqual([0, 0, 0])
  },
)
