import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createProcessArchiver } from '../../adapters/archiver/process-archiver.ts'
import { openArchiveDirectory } from '../../adapters/files/archive-store.ts'
import { createSiteStorage } from '../../adapters/files/site-storage.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Site } from '../../core/site/site.ts'
import { clearLeftovers } from '../../lambdas/endings/leftovers/clear-leftovers.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { samplePolicies } from '../support/sample-policy.ts'
import { siteSamples } from '../support/site-samples.ts'

const hour = 3_600_000

it('directories that purged sites and given-up restores left are gone after 25 hourly sweeps, and no others', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-leftovers-'))
  const [data, archiveDirectory] = [join(directory, 'data'), join(directory, 'archives')]
  const stranger: SiteId = 'site_01jq3v5k8m00000000000zzzzz'
  const running: Site = { ...siteSamples.active, generation: 2 }
  const records = new Map<SiteId, Site>([siteSamples.purged, running].map((site) => [site.id, site]))
  const storage = createSiteStorage({ root: data, mayGiveAway: false })
  const archives = await openArchiveDirectory(archiveDirectory)
  const log = recordingLog()
  const archiver = createProcessArchiver({
    archives,
    archiveDirectory,
    scratchDirectory: join(directory, 'scratch'),
    directoryOf: storage.directoryOf,
    log,
  })
  await using store = await openTestStore(samplePolicies)
  try {
    for (const siteId of [...records.keys(), stranger]) {
      for (const generation of [1, 2]) {
        await storage.prepare({ siteId, cell: 'local', generation })
        const inside = join(storage.directoryOf({ siteId, cell: 'local', generation }), 'uploads')
        await mkdir(inside)
        await writeFile(join(inside, 'entries.json'), '[]')
      }
    }
    let now = Date.parse('2026-03-01T12:00:00.000Z')
    const clock = (): string => new Date(now).toISOString()
    const sweep = () =>
      clearLeftovers({
        quarantine: store.quarantine,
        storage,
        archiver,
        archives,
        log,
        pause,
        clocks: { domain: clock, wall: clock },
        // However long the worker of a job takes to start.
        monotonic: () => 0,
        startsAtOnce: 2,
        sites: { get: async (id) => records.get(id), listByStatus: async function* () {} },
        runtime: { list: async () => [], remove: async () => undefined },
        leftovers: { list: async () => [], remove: async () => undefined },
        brake: { isOn: async () => false },
        pace: { take: async () => true },
      })
    for (let sweeps = 0; sweeps < 24; sweeps += 1, now += hour) await sweep()
    expect(await readdir(data)).toHaveLength(6)
    await sweep()
    // A purged site has one generation here, so nobody knows what the second directory is.
    const kept = [`${running.id}.2`, `${siteSamples.purged.id}.2`, stranger, `${stranger}.2`]
    expect((await readdir(data)).toSorted()).toEqual(kept.toSorted())
    expect(await readdir(archiveDirectory)).toEqual([])
    const watched: string[] = []
    for await (const { id } of store.quarantine.list()) watched.push(id)
    expect(watched.toSorted()).toEqual(kept.slice(1).toSorted())
  } finally {
    await archiver.close()
    await rm(directory, { recursive: true, force: true })
  }
})
