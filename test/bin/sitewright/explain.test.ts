import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../../../bin/sitewright/api.ts'
import { costsOf, costsText } from '../../../bin/sitewright/costs.ts'
import { explain, explanationText, momentOf } from '../../../bin/sitewright/explain.ts'
import { Failure } from '../../../bin/sitewright/failure.ts'
import { siteSchema } from '../../../bin/sitewright/site.ts'
import { shownSite } from './shown-site.ts'

afterEach(() => void vi.unstubAllEnvs())

const site = siteSchema.parse({ ...shownSite, createdAt: '2026-01-21T00:00:00.000Z' })

/** An API that answers with what it is given, and notes the paths. */
const playing = (answer: (path: string) => unknown) => {
  const paths: string[] = []
  const api: Api = async ({ path }, schema) => {
    paths.push(path)
    return schema.parse(answer(path))
  }
  return { api, paths }
}

describe('a moment', () => {
  const now = '2026-01-31T12:00:00.000Z'
  const local = (text: string) => new Date(text).toISOString()

  it('is so long ago by the clock of the server', () => {
    expect(momentOf('20m', now)).toBe('2026-01-31T11:40:00.000Z')
    expect(momentOf('2h', now)).toBe('2026-01-31T10:00:00.000Z')
    expect(momentOf('3d', now)).toBe('2026-01-28T12:00:00.000Z')
  })

  it('is the last such time of day in the zone of the person', () => {
    const [before, after] = [-1, 1].map((hours) => new Date(Date.parse(now) + hours * 3_600_000)) as [Date, Date]
    const clock = (date: Date) =>
      `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
    expect(momentOf(clock(before), now)).toBe(before.toISOString())
    const yesterday = new Date(after)
    yesterday.setDate(yesterday.getDate() - 1)
    expect(momentOf(clock(after), now)).toBe(yesterday.toISOString())
  })

  it('may have a day, or a zone', () => {
    expect(momentOf('2026-01-30 14:30', now)).toBe(local('2026-01-30T14:30'))
    expect(momentOf('2026-01-30T14:30:05+02:00', now)).toBe('2026-01-30T12:30:05.000Z')
    expect(momentOf('2026-01-30T14:30:05.250Z', now)).toBe('2026-01-30T14:30:05.250Z')
  })

  it.each(['', 'yesterday', '25:00', '2026-13-01 10:00', '3', '2026', '-5m', '999999m'])('is not %j', (text) => {
    expect(() => momentOf(text, now)).toThrow(Failure)
  })
})

describe('explain', () => {
  const at = '2026-01-31T11:40:00.000Z'
  const found = {
    now: '2026-01-31T12:00:00.000Z',
    at,
    from: '2026-01-31T10:40:00.000Z',
    until: '2026-01-31T12:00:00.000Z',
    before: { at: '2026-01-30T09:00:00.000Z', status: 'active', version: 2 },
    isComplete: false,
    entries: [
      { at, kind: 'deployment', text: 'Deployment of version 3 began', by: 'owner', person: 'ada@example.com' },
      { at, kind: 'event', text: 'Its data was copied', by: 'owner', person: null },
      {
        at,
        kind: 'failure',
        text: 'Version 3 did not work',
        by: 'system',
        person: null,
        lines: ['[web] Error: no such file'],
      },
    ],
  }

  it('asks the server what time it is before it says which moment it means', async () => {
    const { api, paths } = playing(() => found)
    await explain(api, site, { at: '20m', minutes: 30 })
    expect(paths).toEqual([
      '/v1/sites/site_1/explanation?minutes=30',
      `/v1/sites/site_1/explanation?minutes=30&at=${encodeURIComponent(at)}`,
      '/v1/sites/site_1/containers',
    ])
  })

  describe('restarts of containers in place', () => {
    const containers = [
      { name: 'web', restarts: 21, lastEnd: 'exit code 7' },
      { name: 'db', restarts: 0, lastEnd: null },
    ]
    const answering = (until: string, restarts: () => unknown) =>
      playing((path) => (path.endsWith('/containers') ? restarts() : { ...found, until }))

    it('are not counted where the platform has told of each', async () => {
      const restart = { at, kind: 'restart', text: 'Restarted', by: 'system', person: null }
      const { api, paths } = playing(() => ({ ...found, until: found.now, entries: [restart] }))
      expect((await explain(api, site, { minutes: 60 })).entries).toEqual([restart])
      expect(paths).toEqual(['/v1/sites/site_1/explanation?minutes=60'])
    })

    it('are the last entry, as the status knows them', async () => {
      const { api } = answering(found.now, () => ({ containers }))
      const { entries } = await explain(api, site, { minutes: 60 })
      expect(entries.slice(0, -1)).toEqual(found.entries)
      const text = 'Restarted since the site was started: web 21 times, last: exit code 7. When is not known'
      expect(entries.at(-1)).toEqual({ at: found.now, kind: 'restart', text, by: 'system', person: null })
    })

    it('are no entry where there were none, or the moment is long ago', async () => {
      const none = answering(found.now, () => ({ containers: containers.slice(1) }))
      expect((await explain(none.api, site, { minutes: 60 })).entries).toEqual(found.entries)
      const past = answering('2026-01-31T11:50:00.000Z', () => ({ containers }))
      expect((await explain(past.api, site, { minutes: 60 })).entries).toEqual(found.entries)
      expect(past.paths.some((path) => path.endsWith('/containers'))).toBe(false)
    })

    it('may be unknown, and the rest is told', async () => {
      const { api } = answering(found.now, () => {
        throw new Failure('again', 'The engine does not answer. Try again.')
      })
      const { entries } = await explain(api, site, { minutes: 60 })
      expect(entries.at(-1)?.text).toBe('How often its containers restarted is not known now')
    })
  })

  it('shows times here and in UTC, who did it, the lines, and that something is missing', () => {
    vi.stubEnv('TZ', 'Asia/Tokyo')
    const text = explanationText('shop', found)
    expect(text).toContain('20:40:00 (11:40:00 UTC)  deployment  Deployment of version 3 began (by ada@example.com)')
    expect(text).toContain('Its data was copied (by a member of the account)')
    expect(text).toMatch(/Version 3 did not work$/m)
    expect(text).toContain('\n    [web] Error: no such file')
    expect(text).toMatch(/Before: active, version 2, since .*\(09:00:00 UTC\)/)
    expect(text).toContain('something may be missing')
    expect(text).toMatch(/The clock of this machine is \d+ min ahead\./)
    vi.stubEnv('TZ', 'UTC')
    const before = { ...found.before, version: null }
    const inUtc = explanationText('shop', { ...found, before })
    vi.stubEnv('TZ', 'Nowhere/None')
    expect(explanationText('shop', found)).toContain('Times are in UTC, ')
    expect(inUtc).toContain('\n2026-01-31 11:40:00 UTC  deployment')
    expect(inUtc).toContain('Before: active, not deployed yet, since 2026-01-30 09:00:00 UTC')
  })

  it('says that nothing happened', () => {
    expect(explanationText('shop', { ...found, isComplete: true, entries: [] })).toContain('Nothing happened from')
  })
})

describe('costs', () => {
  const usage = {
    until: '2026-01-26T00:00:00.000Z',
    awakeHours: 30,
    storage: { usedBytes: 2 ** 30, maxBytes: 2 ** 31 },
    prices: null as { currency: string; awakeHour: number; gibMonth: number } | null,
  }

  it('are of this month by the clock of the server, since the site exists', async () => {
    const { api, paths } = playing(() => usage)
    const costs = await costsOf(api, site)
    expect(paths[1]).toBe('/v1/sites/site_1/usage?from=2026-01-01T00:00:00.000Z&until=2026-01-26T00:00:00.000Z')
    // 30 of 120 hours, and 144 more to come.
    expect(costs).toMatchObject({
      month: '2026-01',
      soFar: { awakeHours: 30 },
      estimate: { awakeHours: 66, amount: null },
      alwaysOn: { awakeHours: 264, amount: null },
    })
    expect(costsText(costs)).toContain('price      none: this server has no price for an hour awake')
  })

  it('have amounts where the plan has prices', async () => {
    const prices = { currency: 'EUR', awakeHour: 0.02, gibMonth: 0.3 }
    const costs = await costsOf(playing(() => ({ ...usage, prices })).api, site)
    expect(costs).toMatchObject({ estimate: { amount: 1.62 }, alwaysOn: { amount: 5.58 } })
    expect(costsText(costs)).toContain('estimate   66 hours awake, 1.62 EUR')
  })

  it('are unknown for a site that slept too often to count', async () => {
    const costs = await costsOf(playing(() => ({ ...usage, awakeHours: null })).api, site)
    expect(costs).toMatchObject({ soFar: { awakeHours: null }, estimate: { awakeHours: null, amount: null } })
    expect(costsText(costs)).toContain('unknown: it slept and woke too often')
  })
})
