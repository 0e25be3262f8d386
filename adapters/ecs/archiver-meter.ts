import { createHash } from 'node:crypto'
import type { Instant } from '../../core/instant.ts'
import type { ArchiveJob, Archiver, ArchiveStore } from '../../core/ports/archives.ts'
import { jobOutcomeKey } from '../../core/ports/archives.ts'
import type { StorageMeter } from '../../core/ports/runtime.ts'
import type { DataHome } from '../../core/site/location.ts'
import { homeName } from '../../core/site/location.ts'

const day = 86_400_000

/** In milliseconds: how long a day a site is measured. A task of the archiver starts and ends in less. */
const window = 20 * 60_000

/** Where in a day a site is measured, so that not all of them are at once. */
const startOf = (siteId: string): number => createHash('sha256').update(siteId).digest().readUInt32BE() % (day - window)

const jobOf = (home: DataHome, at: number): ArchiveJob => ({
  kind: 'measure',
  id: `measure-${homeName(home).replace('.', '-')}-${new Date(at).toISOString().slice(0, 10)}`,
  siteId: home.siteId,
  home,
})

/**
 * Measures each site once a day by a job of the archiver: only a site's own tasks see its disk, and EFS tells the size of the
 * whole file system alone. Repeats a day's result until that day's window ends.
 */
export const createArchiverMeter = ({
  archiver,
  archives,
  wall,
}: {
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'remove'>
  readonly wall: () => Instant
}): StorageMeter => ({
  measure: async (home) => {
    const now = Date.parse(wall())
    const sinceStart = (now % day) - startOf(home.siteId)
    if (sinceStart < 0 || sinceStart >= window) return undefined
    const outcome = await archiver.run(jobOf(home, now))
    if (outcome.state !== 'done') return undefined
    // Nobody asks for it again.
    await archives.remove(jobOutcomeKey(jobOf(home, now - day)))
    return outcome.bytes
  },
})
