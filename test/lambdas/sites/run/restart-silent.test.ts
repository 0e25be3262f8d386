import { describe, expect, it } from 'vitest'
import { sitesToProbe } from '../../../../lambdas/sites/run/restart-silent.ts'

describe('whose turn it is to be asked', () => {
  const sites = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `site_${String(index).padStart(4, '0')}` }))

  it('comes to every site in its time, and to fifty in a minute', () => {
    const all = sites(730)
    const seen = new Set<string>()
    for (let minute = 0; minute < 15; minute += 1) {
      const asked = sitesToProbe(all.toReversed(), new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString())
      expect(new Set(asked).size).toBe(50)
      for (const { id } of asked) seen.add(id)
    }
    expect(seen.size).toBe(730)
  })

  it('comes to all at once where they are few', () => {
    expect(sitesToProbe(sites(50), '2026-03-01T12:00:00.000Z')).toEqual(sites(50))
  })
})
