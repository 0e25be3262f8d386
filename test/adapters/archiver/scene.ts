import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attemptJob } from '../../../adapters/archiver/do-archive-job.ts'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import type { ArchiveJob, ArchiveStore } from '../../../core/ports/archives.ts'
import type { DataHome } from '../../../core/site/location.ts'

export const siteId = 'site_01jq3v5k8m0000000000000000'
export const archiveId = 'arc_01jq3v5k8m0000000000000000'
export const home = { siteId, cell: 'local', generation: 1 } as const
export const freshHome = { siteId, cell: 'local', generation: 2 } as const

export const copyJob = (id = 'copy'): Extract<ArchiveJob, { kind: 'copy' }> => ({
  kind: 'copy',
  id,
  siteId,
  home,
  archiveId,
  blueprint: { name: 'welcome', version: 3 },
  at: '2026-01-31T09:30:00.000Z',
})
/** For a site that stands still until it is done. */
export const awaitedJob = (id = 'copy') => ({ ...copyJob(id), isAwaited: true }) as const
export const verifyJob = (id = 'verify'): ArchiveJob => ({ kind: 'verify', id, siteId, cell: 'local', archiveId })
export const restoreJob = (id = 'restore'): Extract<ArchiveJob, { kind: 'restore' }> => ({
  ...{ kind: 'restore', id, siteId, home: freshHome, archiveId },
})
export const releaseJob = (of: DataHome = home, id = 'release'): ArchiveJob => ({
  kind: 'release',
  id,
  siteId,
  home: of,
})

/** Two data directories, a place for archives, and the jobs done in this process. */
export interface Scene extends AsyncDisposable {
  readonly root: string
  readonly data: string
  readonly fresh: string
  readonly archiveDirectory: string
  readonly archives: ArchiveStore
  /** @param archives to read from and write to, instead of the scene's own. */
  readonly attempt: (job: ArchiveJob, archives?: ArchiveStore) => ReturnType<typeof attemptJob>
}

export const openScene = async (): Promise<Scene> => {
  const root = await mkdtemp(join(tmpdir(), 'sitewright-archiver-'))
  const [data, fresh, archiveDirectory] = ['data', 'fresh', 'archives'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ]
  await mkdir(data)
  await mkdir(fresh)
  const archives = await openArchiveDirectory(archiveDirectory)
  return {
    root,
    data,
    fresh,
    archiveDirectory,
    archives,
    attempt: async (job, instead = archives) => {
      const scratch = await mkdtemp(join(root, 'scratch-'))
      const directory = 'home' in job && job.home.generation === 2 ? fresh : data
      const outcome = await attemptJob(job, { archives: instead, archiveDirectory, directory, scratch })
      await rm(scratch, { recursive: true })
      return outcome
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}
