import { existsSync } from 'node:fs'
import { copyFile, link, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { copyTree } from '../../adapters/archiver/copy-tree.ts'
import { hasCode, unfinishedSuffix } from '../../adapters/durable-files/replace-file.ts'
import { plainSuffix } from '../../adapters/files/archive-store.ts'
import type { SiteId } from '../../core/ids.ts'
import { homeCell, homeNamed } from '../../core/site/location.ts'
import { markerName, readKnownCells } from '../cells/cell-disks.ts'
import { copySiteData, type PauseSite, requireRoom } from './copy-site-data.ts'
import { takeBackupLock } from './pause-containers.ts'

/** The snapshot while it is made, in the home, so that files can be linked instead of copied. Nobody keeps anything under this name: it is removed. */
const snapshotName = 'backup-in-progress'

/** What a running host makes again, what only fills the disk, and the files of versions of blueprints, which are in their repository. */
const left: ReadonlySet<string> = new Set([snapshotName, 'run', 'logs', 'versions', 'host.json', 'ballast'])

const isDatabase = (name: string): boolean => /\.(?:db|sqlite)$/.test(name)
/** Belongs to a database, and is part of its snapshot. */
const isOfDatabase = (name: string): boolean => /\.(?:db|sqlite)-(?:wal|shm|journal)$/.test(name)

/** All pages in one step: otherwise each write of the host would begin the backup again. */
const allPages = 2 ** 30

const snapshotDatabase = async (from: string, to: string): Promise<void> => {
  await rm(to, { force: true })
  const database = new DatabaseSync(from, { readOnly: true, timeout: 10_000 })
  try {
    await backup(database, to, { rate: allPages })
  } finally {
    database.close()
  }
}

/** Links a file that is only ever replaced as a whole. One that was removed meanwhile keeps the link of an earlier pass: the database may name it. */
const linkFile = async (from: string, to: string): Promise<void> => {
  const made = `${to}${unfinishedSuffix}`
  try {
    await link(from, made)
    await rename(made, to)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  } finally {
    // Where both are links to one file, the rename leaves both.
    await rm(made, { force: true })
  }
}

/** Leaves out what was removed after it was listed, such as the images of a site that is purged. */
const unlessGone = async (from: string, taken: Promise<void>): Promise<void> => {
  try {
    await taken
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && existsSync(from)) throw error
  }
}

/** Takes a directory of the host's own files: databases as of one moment, everything else by links. @throws {Error} where it is missing. */
const takeOwnFiles = async (from: string, to: string, omitted: ReadonlySet<string> = new Set()): Promise<void> => {
  const entries = await readdir(from, { withFileTypes: true })
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of entries) {
    const { name } = entry
    const path = join(from, name)
    if (omitted.has(name) || name.startsWith('lock.sqlite')) continue
    if (name.endsWith(unfinishedSuffix) || name.endsWith(plainSuffix)) continue
    if (entry.isDirectory()) await unlessGone(path, takeOwnFiles(path, join(to, name)))
    else if (isDatabase(name)) await unlessGone(path, snapshotDatabase(path, join(to, name)))
    else if (entry.isFile() && !isOfDatabase(name)) await linkFile(path, join(to, name))
  }
}

/** Where data directories are, and where they are in a snapshot. */
interface DataRoot {
  readonly from: string
  readonly to: string
}

/** The data of a home and of its cells on other disks. @throws {Error} while a disk is not mounted: the backup would lack its sites. */
const dataRootsOf = async (home: string, snapshot: string): Promise<readonly DataRoot[]> => {
  const roots = [{ from: join(home, 'data'), to: join(snapshot, 'data') }]
  for (const { name, directory } of await readKnownCells(home)) {
    if (!existsSync(join(directory, markerName))) {
      throw new Error(
        `the disk of the cell '${name}' is not mounted at ${directory}; mount it, and back up again (docs/cells.md says what to do if it is gone)`,
      )
    }
    const to = join(snapshot, 'cells', name)
    await mkdir(join(to, 'data'), { recursive: true, mode: 0o700 })
    await copyFile(join(directory, markerName), join(to, markerName))
    roots.push({ from: join(directory, 'data'), to: join(to, 'data') })
  }
  return roots
}

export interface Snapshot extends AsyncDisposable {
  readonly directory: string
  readonly sites: number
  /** The sites whose data or own software is not in it, since it cannot be copied, with the reason. */
  readonly skipped: ReadonlyMap<SiteId, string>
  /** The longest time that one site was paused. */
  readonly longestPauseMilliseconds: number
}

const maxRounds = 5

/** Leaves out the path: the names in a site's data are private to its owner, and may hold anything. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

/** The disk is at fault: the next site would fail as well. */
const isOfDisk = (error: unknown): boolean => hasCode(error, 'ENOSPC', 'EDQUOT', 'EIO', 'EROFS')

const removeOthers = async (directory: string, kept: readonly string[]): Promise<void> => {
  const others = (await readdir(directory)).filter((name) => !kept.includes(name))
  for (const name of others) await rm(join(directory, name), { recursive: true, force: true })
}

/**
 * Makes a snapshot of a home whose host may run. The database is older than all data in it, and the archives are of before and after:
 * whatever the database names is there. A site that is archived meanwhile causes another round, with a new database: each
 * round brings all copies of data up to date. A site whose data cannot be copied, such as for too long a path, is left out.
 * @param pauseOf how to pause a site.
 * @param options.reserveMiB of the disk, which stays free; the default is that of `keepReserve`.
 * @throws {Error} if the disk has too little room, sites disappear in each of five rounds, or the signal ends it. Nothing is left of the snapshot then.
 */
export const snapshotHome = async (
  home: string,
  pauseOf: (siteId: SiteId) => PauseSite,
  signal: AbortSignal,
  { reserveMiB }: { readonly reserveMiB?: number | undefined } = {},
): Promise<Snapshot> => {
  const directory = join(home, snapshotName)
  await rm(directory, { recursive: true, force: true })
  await mkdir(join(directory, 'data'), { recursive: true, mode: 0o700 })
  await using making = new AsyncDisposableStack()
  making.defer(() => rm(directory, { recursive: true, force: true }))

  const roots = await dataRootsOf(home, directory)
  const there = roots.filter(({ from }) => existsSync(from))
  const data = await Promise.all(there.map(async ({ from }) => (await readdir(from)).map((name) => join(from, name))))
  /** Of own software. Its programs may write there, and have files and links of any name. */
  const software = join(home, 'snapshots')
  const copied = [...data.flat(), software]
  await requireRoom({ databases: [join(home, 'database')], data: copied }, directory, reserveMiB, signal)
  const { ctimeNs: firstStartedAt } = await stat(join(directory, 'data'), { bigint: true })
  const directories = new Map<bigint, string>()
  const skipped = new Map<SiteId, string>()
  let sites = 0
  let longestPauseMilliseconds = 0
  const orSkip = async (to: string, siteId: SiteId, copy: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await copy()
    } catch (error) {
      if (signal.aborted || isOfDisk(error)) throw error
      await rm(to, { recursive: true, force: true })
      skipped.set(siteId, reasonOf(error))
      return true
    }
  }
  const copySite = (from: string, to: string, siteId: SiteId): Promise<boolean> =>
    orSkip(to, siteId, async () => {
      const paused = await copySiteData(from, to, pauseOf(siteId), { firstStartedAt, directories }, signal)
      if (paused === undefined) return false
      sites += 1
      longestPauseMilliseconds = Math.max(longestPauseMilliseconds, paused)
      return true
    })
  const copySoftware = async (): Promise<void> => {
    for (const name of existsSync(software) ? await readdir(software) : []) {
      const [from, to] = [join(software, name), join(directory, 'snapshots', name)]
      const site = homeNamed(name, homeCell)
      if (site === undefined) continue
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      await orSkip(to, site.siteId, async () => {
        // An environment has a link to the software of its production.
        const target = await readlink(from).catch(() => undefined)
        if (target !== undefined) await symlink(target, to)
        else {
          await mkdir(to)
          await unlessGone(from, copyTree(from, to, { directories, since: firstStartedAt, signal }))
        }
        return true
      })
    }
  }

  const takeRound = async (): Promise<boolean> => {
    sites = 0
    skipped.clear()
    await removeOthers(directory, ['data', 'cells'])
    await takeOwnFiles(join(home, 'archives'), join(directory, 'archives'))
    // The database may name what is there before it is copied, and what is made meanwhile.
    const before = await Promise.all(roots.map(({ from }) => readdir(from)))
    await takeOwnFiles(home, directory, new Set([...left, 'data', 'archives', 'cells', 'snapshots']))
    await copySoftware()
    let isWhole = true
    for (const [index, { from, to }] of roots.entries()) {
      const names = new Set([...(before[index] ?? []), ...(await readdir(from))])
      await removeOthers(to, [...names])
      for (const name of names) {
        const site = homeNamed(name, homeCell)
        if (site !== undefined) isWhole = (await copySite(join(from, name), join(to, name), site.siteId)) && isWhole
      }
    }
    await takeOwnFiles(join(home, 'archives'), join(directory, 'archives'))
    return isWhole
  }

  for (let round = 1; !(await takeRound()); round += 1) {
    if (round === maxRounds) throw new Error('sites disappear while they are copied; try again later')
  }
  const made = making.move()
  return { directory, sites, skipped, longestPauseMilliseconds, [Symbol.asyncDispose]: () => made.disposeAsync() }
}

/** Removes what a killed backup left, unless a backup runs. */
export const removeLeftSnapshot = async (home: string): Promise<void> => {
  const directory = join(home, snapshotName)
  if (!existsSync(directory)) return
  const release = takeBackupLock(home)
  if (release === undefined) return
  try {
    await rm(directory, { recursive: true, force: true })
  } finally {
    release()
  }
}
