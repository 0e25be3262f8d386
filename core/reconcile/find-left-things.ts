import type { ArchiveStore } from '../ports/archives.ts'
import { archiveOfKey } from '../ports/archives.ts'
import type { Leftovers, SiteRuntime, SiteStorage } from '../ports/runtime.ts'
import type { SiteStore } from '../ports/stores.ts'
import { homeName } from '../site/data-home.ts'
import type { Site } from '../site/site.ts'
import type { IsThere } from './judge-thing.ts'
import { hasArchive } from './judge-thing.ts'
import type { LeftThing } from './left-thing.ts'
import { leftArchive, leftData, leftRunning } from './left-thing.ts'

export interface FindLeftThingsPorts {
  readonly sites: Pick<SiteStore, 'listByStatus'>
  readonly runtime: Pick<SiteRuntime, 'list'>
  readonly storage: Pick<SiteStorage, 'list'>
  readonly leftovers: Pick<Leftovers, 'list'>
  readonly archives: Pick<ArchiveStore, 'list'>
}

/** The copies there are, each once. */
const copiesIn = async (archives: Pick<ArchiveStore, 'list'>): Promise<readonly LeftThing[]> => {
  const found = new Map<string, LeftThing>()
  for await (const { key } of archives.list('')) {
    const copy = archiveOfKey(key)
    if (copy !== undefined) found.set(key.slice(0, key.indexOf('.')), leftArchive(copy.siteId, copy.archiveId))
  }
  return [...found.values()]
}

/** Sites that have data in a directory. Lists are cheaper than single reads, and only decide what is looked at more closely. */
const withData = ['building', 'ready', 'active', 'suspended', 'archived'] as const

const isUsual = (thing: LeftThing, site: Site | undefined): boolean => {
  if (site === undefined) return false
  if (thing.kind === 'archive') return hasArchive(site, thing.archiveId)
  if (thing.kind === 'data') return site.status !== 'archived' && thing.home.generation === site.generation
  return thing.kind === 'running' || (site.status !== 'suspended' && site.status !== 'archived')
}

/** What is there and does not obviously belong there, and which data directories there are. */
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
    ...(await runtime.list()).map(({ siteId }) => leftRunning(siteId)),
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
