import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { restoreArchive } from '../../../adapters/archiver/restore-archive.ts'
import type { ArchiveId } from '../../../core/ids.ts'
import { archiveKeys, isJobOutcomeKey } from '../../../core/ports/archives.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { homeName, homeOf } from '../../../core/site/location.ts'
import { isKept, type KeptSite, type Site } from '../../../core/site/site.ts'
import type { StoredItems } from '../simulation/stored-items.ts'
import { differences } from './differences.ts'
import { readContent, type SiteContent } from './site-content.ts'
import { otherCell } from './two-cells.ts'
import type { World } from './world.ts'

type Problems = readonly string[]

const hasDirectory = ({ status }: Site): boolean =>
  ['building', 'ready', 'active', 'asleep', 'suspended'].includes(status)

/** What a data directory holds; a line of its own where it cannot be read. */
const contentOf = (directory: string): Promise<SiteContent> =>
  readContent(directory).catch((error: unknown) => [`nothing: ${error}`])

/** Reads something in an archive; a line of its own where it cannot be read. */
export const unpacked = async (
  world: World,
  { id }: KeptSite,
  archiveId: ArchiveId,
  read: (directory: string) => Promise<readonly string[]> = contentOf,
): Promise<readonly string[]> => {
  const { archives } = await world.host()
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-unpacked-'))
  try {
    await restoreArchive({ archives, siteId: id, archiveId }, { directory, jobId: `look-${archiveId}` })
    return await read(directory)
  } catch (error) {
    return [`no archive: ${error}`]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Every copy that a site knows of, and the data directory of one that has it, hold all that was ever written. */
const whatItKeeps = async (world: World, site: KeptSite): Promise<Problems> => {
  const written = world.kept.get(site.id)
  if (written === undefined) return []
  const { storage } = await world.host()
  const places = hasDirectory(site)
    ? [differences(`data of ${site.id}`, await contentOf(storage.directoryOf(homeOf(site))), written)]
    : []
  // What was set aside, or what an upgrade began with.
  const isOther = site.archives.some(({ setAside }) => setAside)
    ? ({ setAside }: Archive) => setAside
    : ({ kind }: Archive) => kind === 'release' || kind === 'restore'
  for (const archive of site.archives) {
    const { id } = archive
    const copied = (isOther(archive) ? world.released.get(site.id) : undefined) ?? written
    places.push(differences(`archive ${id} of ${site.id}`, await unpacked(world, site, id), copied))
  }
  if (site.status === 'archived' && site.archives.length === 0) places.push([`${site.id} is archived nowhere`])
  return places.flat()
}

/** The site that runs serves from the directory that is its own now. */
const whatItServes = async (world: World, site: KeptSite): Promise<Problems> => {
  const written = world.kept.get(site.id)
  if (site.status !== 'active' || written === undefined) return []
  if (site.endpoint === undefined) return [`${site.id} is active and answers nowhere`]
  const { host, port } = site.endpoint
  const answer = await fetch(`http://${host}:${port}/kept`, { headers: { connection: 'close' } }).then(
    (response) => response.text(),
    (error: unknown) => `no answer: ${error}`,
  )
  const digest = createHash('sha256').update(answer).digest('hex')
  const isIt = written.some((line) => line.startsWith('kept ') && line.endsWith(digest))
  return isIt ? [] : [`${site.id} serves: ${answer}`]
}

/** How jobs ended is kept with the archives for as long as the site is. */
const isOutcome = (key: string, sites: readonly Site[]): boolean =>
  isJobOutcomeKey(key) && sites.some((site) => isKept(site) && key.startsWith(`${site.id}/`))

const inOtherCell = (name: string): string => `${name} of ${otherCell}`

/** Data directories and archives: those that a record explains, and each as it should be. */
export const whatIsKept = async (world: World, { sites }: StoredItems): Promise<Problems> => {
  const { archives } = await world.host()
  const kept = sites.filter(isKept)
  const stored: string[] = []
  for await (const { key } of archives.list('')) stored.push(key)
  const perSite = kept.map(async (site) => [...(await whatItKeeps(world, site)), ...(await whatItServes(world, site))])
  return [
    ...differences(
      'data directories',
      [...(await readdir(world.dataDirectory)), ...(await readdir(world.otherDirectory)).map(inOtherCell)],
      sites.filter(hasDirectory).map((site) => {
        const name = homeName(homeOf(site))
        return site.cell === otherCell ? inOtherCell(name) : name
      }),
    ),
    ...differences(
      'archives',
      stored.filter((key) => !isOutcome(key, sites)),
      kept.flatMap((site) => site.archives.flatMap(({ id }) => Object.values(archiveKeys(site.id, id)))),
    ),
    ...(await Promise.all(perSite)).flat(),
  ]
}
