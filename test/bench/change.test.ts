import { expect, it, vi } from 'vitest'
import { measureChange } from '../../bench/change/measure-change.ts'

vi.setConfig({ testTimeout: 240_000 })

it.each(['exclusive', 'shared'] as const)(
  'a change of plan up and down fails no request and loses no write, %s data',
  async (data) => {
    const { measurements, notes } = await measureChange({
      runtime: 'processes',
      data,
      connections: 8,
      quietMilliseconds: 300,
    })
    expect(notes).toEqual([])
    const figureOf = (name: string) => measurements.find((measurement) => measurement.name === name)?.value
    expect(figureOf('acknowledged writes')).toBeGreaterThan(0)
    expect(['failed requests', 'lost writes', 'doubled writes'].map(figureOf)).toEqual([0, 0, 0])
  },
)
