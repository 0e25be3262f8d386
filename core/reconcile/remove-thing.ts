import { isErrorOfKind } from '../errors.ts'
import type { ArchiveJob, Archiver, ArchiveStore } from '../ports/archives.ts'
import { jobOutcomeKey } from '../ports/archives.ts'
import type { Clocks } from '../ports/context.ts'
import type { DataHome, Leftovers, SiteRuntime, SiteStorage } from '../ports/runtime.ts'
import { discardCopy, requireDone } from '../site/copy/run-archive-job.ts'
import type { LeftThing } from './left-thing.ts'

export interface RemoveThingPorts {
  readonly runtime: Pick<SiteRuntime, 'remove'>
  readonly storage: Pick<SiteStorage, 'remove'>
  readonly leftovers: Pick<Leftovers, 'remove'>
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'remove'>
  readonly clocks: Clocks
  readonly pause: (milliseconds: number) => Promise<void>
  readonly monotonic: () => number
}

/** In milliseconds. A directory that takes longer to delete is looked at again by the next sweep. */
const patience = 5000
const lookEvery = 100

/** One job a day and directory: the same sweep and the next ones look at the same job. */
const jobOf = (home: DataHome, { clocks }: RemoveThingPorts): ArchiveJob => ({
  kind: 'release',
  id: `clear-${home.siteId}-${home.generation}-${clocks.wall().slice(0, 10)}`,
  siteId: home.siteId,
  home,
})

/** Whether the job is done; false while it runs. */
const isDone = async ({ archiver, archives }: RemoveThingPorts, job: ArchiveJob): Promise<boolean> => {
  try {
    await requireDone(archiver, job)
  } catch (error) {
    if (isErrorOfKind(error, 'ArchiveNotReady')) return false
    if (isErrorOfKind(error, 'ArchivingFailed')) await archives.remove(jobOutcomeKey(job))
    throw error
  }
  // Nobody asks for the outcome again, and a purged site leaves nothing where archives are kept.
  await archives.remove(jobOutcomeKey(job))
  return true
}

/** Deletes a data directory and what leads to it. */
const removeHome = async (ports: RemoveThingPorts, home: DataHome): Promise<boolean> => {
  const job = jobOf(home, ports)
  const givenUpAt = ports.monotonic() + patience
  while (!(await isDone(ports, job))) {
    if (ports.monotonic() >= givenUpAt) return false
    await ports.pause(lookEvery)
  }
  await ports.storage.remove(home)
  return true
}

/**
 * Removes a thing for good.
 * @returns false where that has begun and takes longer: it is to be asked for again.
 * @throws {SitewrightError} `RuntimeUnavailable`, `ArchivingFailed`.
 */
export const removeThing = async (ports: RemoveThingPorts, thing: LeftThing): Promise<boolean> => {
  switch (thing.kind) {
    case 'data':
      return removeHome(ports, thing.home)
    case 'archive':
      await discardCopy(ports.archives, thing.siteId, thing.archiveId)
      return true
    case 'running':
      await ports.runtime.remove(thing.siteId)
      return true
    case 'task-definition':
    case 'role':
    case 'parameter':
      await ports.leftovers.remove(thing)
      return true
  }
}
