import { isErrorOfKind } from '../../../core/errors.ts'
import {
  type ArchiveJob,
  type Archiver,
  type ArchiveStore,
  archiveOfKey,
  jobOutcomeKey,
} from '../../../core/ports/archives.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { Leftovers, SiteRuntime, SiteStorage } from '../../../core/ports/runtime.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { type DataHome, homeName } from '../../../core/site/location.ts'
import type { Site } from '../../../core/site/site.ts'
import { discardCopy, requireDone } from '../copy/run-archive-job.ts'
import {
  hasArchive,
  type IsThere,
  type LeftThing,
  leftArchive,
  leftData,
  leftRunning,
  usesRuntime,
} from './left-thing.ts'

export interface RemoveThingPorts extends Pick<Context, 'clocks' | 'pause' | 'monotonic'> {
  readonly runtime: Pick<SiteRuntime, 'remove'>
  readonly storage: Pick<SiteStorage, 'remove'>
  readonly leftovers: Pick<Leftovers, 'remove'>
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'remove'>
}

/** In milliseconds. A longer deletion is continued by the next sweep. */
const patience = 5000
const lookEvery = 100

/** One job a day for each directory, so that sweeps share it. */
const jobOf = (home: DataHome, { clocks }: RemoveThingPorts): ArchiveJob => ({
  kind: 'release',
  id: `clear-${home.siteId}-${home.generation}-${clocks.wall().slice(0, 10)}`,
  siteId: home.siteId,
  home,
})

const isDone = async ({ archiver, archives }: RemoveThingPorts, job: ArchiveJob): Promise<boolean> => {
  try {
    await requireDone(archiver, job)
  } catch (error) {
    if (isErrorOfKind(error, 'ArchiveNotReady')) return false
    if (isErrorOfKind(error, 'ArchivingFailed')) await archives.remove(jobOutcomeKey(job))
    throw error
  }
  // Nobody reads the outcome again.
  await archives.remove(jobOutcomeKey(job))
  return true
}

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
 * Removes a thing.
 * @returns false if it takes longer: call again.
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

export interface FindLeftThingsPorts {
  readonly sites: Pick<SiteStore, 'listByStatus'>
  readonly runtime: Pick<SiteRuntime, 'list'>
  readonly storage: Pick<SiteStorage, 'list'>
  readonly leftovers: Pick<Leftovers, 'list'>
  readonly archives: Pick<ArchiveStore, 'list'>
}

const copiesIn = async (archives: Pick<ArchiveStore, 'list'>): Promise<readonly LeftThing[]> => {
  const found = new Map<string, LeftThing>()
  for await (const { key } of archives.list('')) {
    const copy = archiveOfKey(key)
    if (copy !== undefined) found.set(key.slice(0, key.indexOf('.')), leftArchive(copy.siteId, copy.archiveId))
  }
  return [...found.values()]
}

/** Lists are cheaper than single reads; they only select what to check. */
const withData = ['building', 'ready', 'active', 'asleep', 'suspended', 'archived'] as const

const isUsual = (thing: LeftThing, site: Site | undefined): boolean => {
  if (site === undefined) return false
  if (thing.kind === 'archive') return hasArchive(site, thing.archiveId)
  if (thing.kind === 'data') return site.status !== 'archived' && thing.home.generation === site.generation
  return thing.kind === 'running' || site.status === 'building' || usesRuntime(site)
}

/** Lists what does not obviously belong to a site, and which data directories exist. */
export const findLeftThings = async ({
  archives,
  sites,
  runtime,
  storage,
  leftovers,
}: FindLeftThingsPorts): Promise<{ readonly things: readonly LeftThing[]; readonly isThere: IsThere }> => {
  const homes = await storage.list()
  const all = [
    ...homes.map(leftData),
    ...(await copiesIn(archives)),
    ...(await runtime.list({ isThorough: true })).map(({ siteId }) => leftRunning(siteId)),
    ...(await leftovers.list()),
  ]
  const known = new Map<string, Site>()
  for (const status of withData) for await (const site of sites.listByStatus(status)) known.set(site.id, site)
  const names = new Set(homes.map(homeName))
  return {
    things: all.filter((thing) => !isUsual(thing, known.get(thing.siteId))),
    isThere: (home) => names.has(homeName(home)),
  }
}
