import { access, constants, mkdir, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import type { Log } from '../../core/ports/context.ts'
import { homeCell } from '../../core/site/location.ts'
import type { Home } from '../home/open-home.ts'
import { readJsonFile } from '../home/read-json-file.ts'
import { reasonOf, StartUpError } from '../home/start-up-error.ts'
import { type CellSetting, isAround } from './cell-settings.ts'

/** Says whose directory it is. Without it, the disk is not mounted. */
export const markerName = 'sitewright-cell.json'

const markerSchema = z.strictObject({ schemaVersion: z.literal(1), cell: z.string(), home: z.string() })

/** What a home knows of its cells: a cell that was used before and has no marker now is not mounted, and not new. */
const knownSchema = z.strictObject({
  schemaVersion: z.literal(1),
  cells: z.array(z.strictObject({ name: z.string(), directory: z.string() })),
})

const knownFile = (home: string): string => join(home, 'cells.json')

/** The cells outside a home's own directory that were ever used, and where each was last. @throws {StartUpError} */
export const readKnownCells = async (home: string): Promise<readonly { name: string; directory: string }[]> => {
  const known = await readJsonFile(knownFile(home), knownSchema)
  if (known.found === 'garbage') throw new StartUpError(`${knownFile(home)} is damaged; put it back from a backup`)
  return known.found === 'content' ? known.content.cells : []
}

/** A cell of this host. */
export interface CellDisk extends CellSetting {
  /** Where the data directories of its sites are. */
  readonly data: string
  /** Whether its disk was mounted at the last check. */
  readonly isThere: () => boolean
  /** Checks now. */
  readonly check: () => Promise<boolean>
}

const pollMilliseconds = 1000

const markerOf = async ({ directory }: Pick<CellSetting, 'directory'>) =>
  // A disk that fails to answer is as good as none.
  readJsonFile(join(directory, markerName), markerSchema).catch(() => ({ found: 'nothing' }) as const)

const isMarked = async (cell: CellSetting, home: Pick<Home, 'id'>): Promise<boolean> => {
  const marker = await markerOf(cell)
  return marker.found === 'content' && marker.content.cell === cell.name && marker.content.home === home.id
}

const failureOf = ({ name, directory }: CellSetting, what: string): StartUpError =>
  new StartUpError(`SITEWRIGHT_CELLS: ${directory} of the cell '${name}' ${what}`)

/** @throws {StartUpError} */
const requireOwn = async (cell: CellSetting, home: Pick<Home, 'id'>): Promise<void> => {
  const marker = await markerOf(cell)
  if (marker.found === 'garbage') throw failureOf(cell, `has a damaged ${markerName}; put it back from a backup`)
  if (marker.found === 'nothing') return
  if (marker.content.home !== home.id) {
    throw failureOf(cell, 'belongs to another home; give each home directories of its own')
  }
  if (marker.content.cell !== cell.name) throw failureOf(cell, `has the data of the cell '${marker.content.cell}'`)
}

/** Takes an empty directory for a new cell. @throws {StartUpError} */
const take = async (cell: CellSetting, home: Pick<Home, 'id'>): Promise<void> => {
  const found = await stat(cell.directory).catch(() => undefined)
  if (found?.isDirectory() !== true) throw failureOf(cell, 'is not a directory; mount the disk, or make the directory')
  // `lost+found` is what a new file system has.
  const names = (await readdir(cell.directory)).filter((name) => name !== 'lost+found')
  if (names.length > 0) throw failureOf(cell, 'is not empty; name an empty directory')
  const marker = { schemaVersion: 1, cell: cell.name, home: home.id }
  await replaceFile(join(cell.directory, markerName), `${JSON.stringify(marker)}\n`)
}

const requireUsable = async (cell: CellSetting, home: Pick<Home, 'directory'>): Promise<void> => {
  const directory = await realpath(cell.directory).catch(() => cell.directory)
  if (isAround({ ...cell, directory }, await realpath(home.directory))) {
    throw failureOf(cell, 'is inside the home directory, or around it; name one beside it')
  }
}

/**
 * Opens the cells of a host: the one in its home, and those of the settings. A disk that is not mounted is no error: the other sites run.
 * @throws {StartUpError} for a directory that cannot be a cell's.
 */
export const openCellDisks = async (
  home: Pick<Home, 'id' | 'directory' | 'directories'>,
  settings: readonly CellSetting[],
  log: Log,
) => {
  const known = await readKnownCells(home.directory)
  const isKnown = ({ name }: CellSetting): boolean => known.some((cell) => cell.name === name)
  let lost: readonly string[] = []
  const callbacks: ((cell: CellDisk) => Promise<unknown>)[] = []
  const tell = async (disk: CellDisk): Promise<void> => {
    for (const changed of callbacks) await changed(disk).catch(() => undefined)
  }
  /** The cell's disk, mounted or not. */
  const open = async (cell: CellSetting): Promise<CellDisk> => {
    await requireUsable(cell, home)
    await requireOwn(cell, home)
    try {
      if (!isKnown(cell) && !(await isMarked(cell, home))) await take(cell, home)
      if (await isMarked(cell, home)) {
        await access(cell.directory, constants.R_OK | constants.W_OK | constants.X_OK)
        await mkdir(join(cell.directory, 'data'), { recursive: true, mode: 0o700 })
      }
    } catch (error) {
      const reason = reasonOf(error)
      throw error instanceof StartUpError || reason === undefined ? error : failureOf(cell, reason)
    }
    let isThere = true
    const check = async (): Promise<boolean> => {
      // Of two checks at once, the first one tells.
      const isMounted = !lost.includes(cell.name) && (await isMarked(cell, home))
      if (isMounted === isThere) return isThere
      isThere = isMounted
      const fields = { cell: cell.name, directory: cell.directory }
      if (isThere) log.warn({ event: 'cell-mounted', ...fields }, 'the disk of a cell is back; its sites run again')
      else {
        log.error(
          { event: 'cell-not-mounted', ...fields },
          'the disk of a cell is not mounted: its sites show a page until it is',
        )
      }
      void tell(disk)
      return isThere
    }
    const disk: CellDisk = { ...cell, data: join(cell.directory, 'data'), isThere: () => isThere, check }
    await check()
    return disk
  }
  const disks = await Promise.all(settings.map(open))
  const missing = known.filter(({ name }) => !settings.some((cell) => cell.name === name))
  const writeKnown = (others: typeof known): Promise<void> => {
    const cells = [...others, ...settings.map(({ name, directory }) => ({ name, directory }))]
    return replaceFile(knownFile(home.directory), `${JSON.stringify({ schemaVersion: 1, cells })}\n`)
  }
  if (settings.length > 0) await writeKnown(missing)
  const own: CellDisk = {
    name: homeCell,
    directory: home.directory,
    isNamed: false,
    data: home.directories.data,
    isThere: () => true,
    check: async () => true,
  }
  const all = [own, ...disks]
  const find = (cell: string): CellDisk | undefined => all.find(({ name }) => name === cell)
  const checkAll = async (): Promise<void> => {
    for (const disk of disks) await disk.check()
  }
  const checks = setInterval(checkAll, pollMilliseconds)
  checks.unref()
  return {
    /** The one in the home first. */
    all,
    /** Undefined where the settings do not have it. */
    find,
    isThere: (cell: string): boolean => find(cell)?.isThere() === true,
    /** These are called, in their order, with a cell whose disk has gone or has come back. */
    onChange: (changed: (cell: CellDisk) => Promise<unknown>): void => void callbacks.push(changed),
    /** These cells were declared lost: they are taken for not mounted, also if their disks are there. */
    forsake: (names: readonly string[]): void => {
      lost = names
    },
    /** The cells that were used before and that the settings do not have. */
    missing: missing.map(({ name }) => name),
    /** Forgets those of them that have no sites: a backup does not look for their disks, and their names are new again. Complains about the others. */
    forgetMissing: async (hasSites: (cell: string) => boolean): Promise<void> => {
      const kept = missing.filter(({ name }) => hasSites(name))
      for (const { name: cell, directory } of missing) {
        const fields = { cell, directory }
        if (!hasSites(cell)) log.info(fields, 'forgetting a cell without sites that SITEWRIGHT_CELLS no longer names')
        else {
          log.error(
            { event: 'cell-not-mounted', ...fields },
            'SITEWRIGHT_CELLS lacks a cell that was used before: its sites show a page',
          )
        }
      }
      if (kept.length < missing.length) await writeKnown(kept)
    },
    close: () => clearInterval(checks),
  }
}

export type CellDisks = Awaited<ReturnType<typeof openCellDisks>>
