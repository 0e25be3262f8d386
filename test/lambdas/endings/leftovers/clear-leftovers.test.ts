import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SiteId } from '../../../../core/ids.ts'
import { archiveKeys } from '../../../../core/ports/archives.ts'
import { type DataHome, homeName, homeOf } from '../../../../core/site/location.ts'
import { type ArchivedSite, ownershipOf, type Site, siteSchema } from '../../../../core/site/site.ts'
import { clearLeftovers } from '../../../../lambdas/endings/leftovers/clear-leftovers.ts'
import { siteSamples } from '../../../support/site-samples.ts'
import { type PlayedLeftovers, playLeftovers } from '../../sites/run/played-leftovers.ts'

const { active, suspended, archived, purged, failed } = siteSamples
const hour = 3_600_000
const archive: ArchivedSite['archives'][number] = {
  id: 'arc_01jq3v5k8m0000000000000000',
  at: '2026-03-01T12:00:00.000Z',
  kind: 'reclaim',
  bytes: 10,
  files: 1,
  blueprint: { name: 'welcome', version: 1 },
}
const operation = { id: 'purge-site-x-4', kind: 'purge', fence: 1, startedAt: '2026-03-01T12:00:00.000Z' } as const
const { ownership: _, ...nobodys } = purged
const stranger: SiteId = 'site_01jq3v5k8m00000000000zzzzz'

let place: PlayedLeftovers
beforeEach(() => {
  place = playLeftovers()
})

const record = (site: Site): Site => {
  place.records.set(site.id, site)
  return site
}
const withHome = (site: Site, generation = site.generation): string => {
  const home = { ...homeOf(site), generation }
  place.addHome(home)
  return homeName(home)
}
const homes = (): readonly string[] => [...place.homes.keys()]

/** Hourly sweeps for so many hours, the first one now. */
const sweepFor = async (hours: number): Promise<void> => {
  for (let passed = 0; passed <= hours; passed += 1) {
    if (passed > 0) place.state.now += hour
    await clearLeftovers(place.ports)
  }
}

describe('data that is left over', () => {
  it.each([
    ['a purged site', () => withHome(record(purged))],
    ['an environment', () => withHome(record({ ...nobodys, environmentOf: { siteId: stranger, name: '' } }))],
    [
      'a rehearsal',
      () => {
        const rehearsalOf = { siteId: stranger, target: {}, until: '2026-03-01T12:00:00.000Z' }
        return withHome(record({ ...nobodys, rehearsalOf }))
      },
    ],
    ['an archived site', () => withHome(record({ ...archived, archives: [archive] }))],
    [
      'an earlier generation of a site that runs on another one',
      () => {
        const site = record({ ...active, generation: 3 })
        withHome(site)
        return withHome(site, 2)
      },
    ],
    [
      'a site that has left that cell',
      () => {
        const site = record({ ...active, cell: 'fast', generation: 2 })
        withHome(site)
        return withHome({ ...site, cell: 'former' }, 1)
      },
    ],
    [
      'an earlier generation of a suspended site',
      () => {
        const site = record({ ...suspended, generation: 2 })
        withHome(site)
        return withHome(site, 1)
      },
    ],
  ])('of %s is reported once, watched for 24 hours, and removed', async (_, leave) => {
    const left = leave()
    const before = homes().length
    await sweepFor(23)
    expect(homes()).toContain(left)
    expect(place.log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { kind: 'data', id: left, judgement: 'left-over' } },
    ])
    await sweepFor(1)
    expect(homes()).not.toContain(left)
    expect(homes()).toHaveLength(before - 1)
    expect([place.quarantined.size, place.state.outcomes.size]).toEqual([0, 0])
  })

  it.each([
    ['a site that nobody knows', () => withHome({ ...active, id: stranger })],
    ['an archived site without an archive', () => withHome(record({ ...archived, archives: [] }))],
    ['a generation that its site has not come to', () => withHome(record(purged), 2)],
    [
      'a site that has left that cell, while its data in the other one is missing',
      () => withHome({ ...record({ ...active, cell: 'fast', generation: 2 }), cell: 'former' }, 2),
    ],
    ['an earlier generation where the present one is missing', () => withHome(record({ ...active, generation: 2 }), 1)],
  ])('or may be, of %s, is reported once and never removed', async (_, leave) => {
    const left = leave()
    await sweepFor(60)
    expect(homes()).toEqual([left])
    expect(place.log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { id: left, judgement: 'unexplained' } },
    ])
  })

  it.each([
    ['a purged site that is being cleared away', () => withHome(record({ ...purged, operation }))],
    [
      'a site that is being restored',
      () => {
        const restore = { ...operation, kind: 'restore', archiveId: archive.id, generation: 2 } as const
        const site = record({ ...archived, archives: [archive], generation: 2, operation: restore })
        withHome(site, 1)
        return withHome(site)
      },
    ],
    ['a site that runs', () => withHome(record(active))],
    ['a suspended site', () => withHome(record(suspended))],
  ])('is nothing of %s', async (_, leave) => {
    leave()
    const before = homes()
    await sweepFor(30)
    expect(homes()).toEqual(before)
    expect(place.log.lines).toEqual([])
  })

  it('of sites that were never open is removed at once, and what runs of them before it', async () => {
    for (const site of [failed, { ...nobodys, id: stranger }]) {
      withHome(record(site))
      place.running.add(site.id)
    }
    await clearLeftovers(place.ports)
    expect([homes(), [...place.running], place.state.outcomes.size]).toEqual([[], [], 0])
  })

  it('restarts the watch for a leftover that was gone in between', async () => {
    const left = withHome(record(purged))
    await sweepFor(20)
    const home = place.homes.get(left)
    place.homes.clear()
    await sweepFor(1)
    expect(place.quarantined.size).toBe(0)
    place.addHome(home!)
    await sweepFor(20)
    expect(homes()).toEqual([left])
  })
})

describe('removing what is left over', () => {
  it('stops while the brake is on, and continues after that', async () => {
    const left = withHome(record(purged))
    place.state.isBraked = true
    await sweepFor(48)
    expect(homes()).toEqual([left])
    place.state.isBraked = false
    await sweepFor(0)
    expect(homes()).toEqual([])
  })

  it('stays within the rate limit', async () => {
    const sites = Array.from({ length: 8 }, (_, index) => ({
      ...purged,
      id: `${stranger.slice(0, -1)}${index}` as SiteId,
    }))
    for (const site of sites) withHome(record(site))
    await sweepFor(23)
    place.state.room = 3
    await sweepFor(1)
    expect(homes()).toHaveLength(5)
    expect(place.quarantined.size).toBe(5)
  })

  it('looks at the record once more right before it', async () => {
    const site = record({ ...archived, archives: [archive] })
    const left = withHome(site)
    await sweepFor(23)
    place.state.now += hour
    const { get } = place.ports.sites
    let reads = 0
    const sites = {
      ...place.ports.sites,
      get: async (id: SiteId) => {
        reads += 1
        if (reads === 2) record({ ...suspended, id })
        return get(id)
      },
    }
    await clearLeftovers({ ...place.ports, sites })
    expect([homes(), reads]).toEqual([[left], 2])
  })

  it('leaves a directory that takes long to delete to the next sweep', async () => {
    withHome(record(purged))
    await sweepFor(23)
    const { release } = place.state
    place.state.release = () => ({ state: 'running' })
    await sweepFor(1)
    expect([homes().length, place.quarantined.size]).toEqual([1, 1])
    place.state.release = release
    await sweepFor(0)
    expect([homes().length, place.quarantined.size]).toEqual([0, 0])
  })

  it('logs a failure, retries and continues with the others', async () => {
    const broken = withHome(record(purged))
    withHome(record({ ...purged, id: stranger }))
    await sweepFor(23)
    const { release } = place.state
    place.state.release = (job) =>
      job.siteId === purged.id ? { state: 'failed', error: 'ArchivingFailed', message: 'No.' } : release(job)
    await expect(sweepFor(1)).rejects.toMatchObject({ kind: 'Unavailable' })
    expect([homes(), place.state.outcomes.size]).toEqual([[broken], 0])
    place.state.release = release
    await sweepFor(0)
    expect(homes()).toEqual([])
  })
})

describe('a copy of data', () => {
  const other = 'arc_01jq3v5k8m0000000000000009'

  it('that a purged site has left, or that an aborted try has made, goes after 24 hours', async () => {
    const sites = [record(purged), record({ ...archived, archives: [archive] }), record(active)]
    withHome(active)
    for (const { id } of sites) place.addArchive(id, other)
    place.addArchive(archived.id, archive.id)
    await sweepFor(23)
    expect(place.archives.size).toBe(8)
    await sweepFor(2)
    expect([...place.archives]).toEqual(Object.values(archiveKeys(archived.id, archive.id)))
  })

  it.each([
    ['belongs to a site that nobody knows', () => place.addArchive(stranger, other)],
    ['is all that there is of a site whose directory is gone', () => place.addArchive(record(active).id, other)],
    [
      'is all that there is of a site that should have another',
      () => place.addArchive(record({ ...archived, archives: [] }).id, other),
    ],
    [
      'is being made',
      () => {
        const site = record({
          ...suspended,
          operation: { ...operation, kind: 'archive', archiveId: other, generation: 1 },
        })
        withHome(site)
        place.addArchive(site.id, other)
      },
    ],
  ])('stays where it %s', async (_, put) => {
    put()
    await sweepFor(80)
    expect(place.archives.size).toBe(2)
  })
})

describe('what a platform keeps', () => {
  const role = (siteId: SiteId) => ({ kind: 'role', id: siteId, siteId, cell: 'one' }) as const

  it('is removed after 24 hours for a stopped or unknown site', async () => {
    for (const siteId of [record(suspended).id, record(purged).id, stranger]) place.addLeftover(role(siteId))
    await sweepFor(23)
    expect(place.leftovers.size).toBe(3)
    await sweepFor(1)
    expect(place.leftovers.size).toBe(0)
  })

  it('of a site that runs, is built or is being restored stays', async () => {
    const restore = { ...operation, kind: 'restore', archiveId: archive.id, generation: 2 } as const
    const restored = { ...archived, archives: [archive], generation: 2, operation: restore }
    for (const site of [active, siteSamples.ready, siteSamples.building, restored]) {
      place.addLeftover(role(record(site).id))
    }
    const before = place.leftovers.size
    await sweepFor(30)
    expect(place.leftovers.size).toBe(before)
    expect(place.log.lines).toEqual([])
  })

  it('of a dormant site is removed after 24 hours, and its data stays; of one that sleeps it stays', async () => {
    const { endpoint: _, size: __, ...kept } = active
    const asleep = { ...kept, status: 'asleep', asleepSince: '2026-02-01T12:00:00.000Z' } as const
    const dormant = record({ ...asleep, dormantSince: '2026-02-04T12:00:00.000Z' })
    place.addLeftover(role(dormant.id))
    const data = withHome(dormant)
    await sweepFor(24)
    expect([place.leftovers.size, homes()]).toEqual([0, [data]])
    place.addLeftover(role(record(asleep).id))
    await sweepFor(30)
    expect(place.leftovers.size).toBe(1)
  })

  it('removes tasks of an unknown site and keeps its data', async () => {
    place.running.add(stranger)
    const data = withHome({ ...active, id: stranger })
    await sweepFor(23)
    expect(place.running.size).toBe(1)
    await sweepFor(1)
    expect([place.running.size, homes()]).toEqual([0, [data]])
  })
})

const anyOperation = fc.constantFrom(
  undefined,
  { ...operation, kind: 'suspend' },
  { ...operation, kind: 'archive', archiveId: archive.id, generation: 1 },
  { ...operation, kind: 'restore', archiveId: archive.id, generation: 2 },
  { ...operation, kind: 'copy', archiveId: archive.id, generation: 1 },
  operation,
)

/** Any site, or none: what a record may say of a data directory. */
const anyRecord = fc
  .record({
    sample: fc.constantFrom(...Object.values(siteSamples)),
    generation: fc.integer({ min: 1, max: 3 }),
    operation: anyOperation,
    archives: fc.constantFrom([], [archive]),
    isOwned: fc.boolean(),
  })
  .map(({ sample, generation, operation: under, archives, isOwned }): Site => {
    const { ownership: _, ...unowned } = { ...sample, ownership: undefined }
    const mayBeUnder = ['active', 'suspended', 'archived', 'purged'].includes(sample.status)
    return siteSchema.parse({
      ...(sample.status === 'purged' && !isOwned ? unowned : sample),
      generation,
      ...(mayBeUnder && under !== undefined ? { operation: under } : {}),
      ...('archives' in sample ? { archives } : {}),
    })
  })

const ids = Array.from({ length: 4 }, (_, index) => `site_01jq3v5k8m000000000000000${index}` as SiteId)

/** What a removal must never be, by the record of that moment. */
const expectOfNoUse = (home: DataHome, site: Site | undefined): void => {
  if (site === undefined) throw new Error(`no record explains ${homeName(home)}`)
  expect(home.generation).toBeLessThanOrEqual(site.generation)
  if (site.status === 'failed') return
  if (site.status === 'purged') expect(site.operation).toBeUndefined()
  else if (site.status === 'archived') expect([site.operation, site.archives.length]).toEqual([undefined, 1])
  else expect(home.generation).toBeLessThan(site.generation)
}

const wasOpen = (site: Site | undefined): boolean =>
  site !== undefined && site.status !== 'failed' && ownershipOf(site) !== undefined

/** What happens to one of four sites, and how long sweeps run after it. */
const anyMove = fc.record({
  siteId: fc.constantFrom(...ids),
  site: fc.option(anyRecord, { nil: undefined }),
  /** The generation of a data directory that appears. */
  home: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  isListed: fc.boolean(),
  hours: fc.constantFrom(0, 1, 6, 30),
  /** By so many hours the clock is wrong from here on. */
  jump: fc.constantFrom(0, 0, 0, 400 * 24),
})
type Move = typeof anyMove extends fc.Arbitrary<infer Value> ? Value : never

const arrange = ({ siteId, site, home, isListed }: Move): string | undefined => {
  const { records, state, homes: there } = place
  if (site === undefined) records.delete(siteId)
  else records.set(siteId, { ...site, id: siteId })
  if (isListed) state.unlisted.delete(siteId)
  else state.unlisted.add(siteId)
  if (home === undefined || there.has(homeName({ siteId, cell: 'local', generation: home }))) return undefined
  place.addHome({ siteId, cell: 'local', generation: home })
  return homeName({ siteId, cell: 'local', generation: home })
}

describe('whatever the lists and the records say', () => {
  it('no data goes that is a site’s present data, that no record explains, or that was not watched for 24 hours', async () => {
    let removals = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyMove, { minLength: 1, maxLength: 10 }), async (moves) => {
        place = playLeftovers()
        const { ports, state, records } = place
        /** Since when each data directory is there. A clock that jumps counts for two hours. */
        const since = new Map<string, number>()
        let passed = 0
        const run: typeof ports.archiver.run = async (job) => {
          if (job.kind !== 'release') throw new Error(`a ${job.kind} was not to be done`)
          removals += 1
          const [site, name] = [records.get(job.siteId), homeName(job.home)]
          expectOfNoUse(job.home, site)
          if (wasOpen(site)) expect(passed - (since.get(name) ?? passed)).toBeGreaterThanOrEqual(24)
          return ports.archiver.run(job)
        }
        for (const move of moves) {
          const added = arrange(move)
          if (added !== undefined) since.set(added, passed)
          state.now += move.jump * hour
          passed += Math.min(2, move.jump)
          for (let one = 0; one < move.hours; one += 1) {
            await clearLeftovers({ ...ports, archiver: { run } })
            state.now += hour
            passed += 1
          }
        }
      }),
      { numRuns: 300 },
    )
    // Else nothing would have been looked at.
    expect(removals).toBeGreaterThan(50)
  })
})
