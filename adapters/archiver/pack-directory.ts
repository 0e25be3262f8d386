import { createHash } from 'node:crypto'
import { type BigIntStats, constants, readSync } from 'node:fs'
import { lstat, mkdir, open, readlink, stat as statOf, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { SitewrightError } from '../../core/errors.ts'
import { hasCode } from '../durable-files/replace-file.ts'
import { type BytePath, bytesOf, fromBytes, holdTree, namesInOrder } from '../files/held-tree.ts'
import { leaseName } from '../files/site-lease.ts'
import { pieceBytes } from './compress.ts'
import { type ArchiveEntry, type EntryHead, isSafePath } from './manifest-entry.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

export interface Packing {
  /** Where the data directory is. Nothing may write to it meanwhile. */
  readonly directory: string
  readonly firstNames: Awaited<ReturnType<typeof openFirstNames>>
  /** Called for every entry once it is in the tar file. */
  readonly add: (entry: ArchiveEntry) => Promise<void>
}

/** Shared among the directories that are open at a time, so that deep ones do not add up. */
const namesAtATime = (depth: number): number => Math.max(64, Math.floor(16_384 / (depth + 1)))

const changed = (what: string): SitewrightError =>
  new SitewrightError('ArchivingFailed', `${what} changed while it was copied: something still writes there.`)

const isSame = (one: BigIntStats, other: BigIntStats): boolean =>
  one.dev === other.dev &&
  one.ino === other.ino &&
  one.size === other.size &&
  one.mtimeNs === other.mtimeNs &&
  one.ctimeNs === other.ctimeNs

const pathOf = (parent: BytePath, name: BytePath): BytePath => {
  const path = parent === '' ? name : `${parent}/${name}`
  if (isSafePath(path)) return path
  throw new SitewrightError('ArchivingFailed', `A path of ${path.length} bytes is too long for an archive.`)
}

/** The bytes of a file, exactly as many as it had before. The next piece overwrites the last one. */
const contentOf = async function* (place: Buffer, before: BigIntStats): AsyncGenerator<Buffer> {
  // Without following a link, and without waiting where it has become a pipe.
  await using file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if (!isSame(before, await file.stat({ bigint: true }))) throw changed('A file')
  const size = Number(before.size)
  const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, size))
  for (let position = 0; position < size; ) {
    // At once: the system reads ahead, and waking another thread takes longer.
    const bytesRead = readSync(file.fd, piece, 0, Math.min(piece.length, size - position), position)
    if (bytesRead === 0) throw changed('A file')
    yield piece.subarray(0, bytesRead)
    position += bytesRead
  }
  if (!isSame(before, await file.stat({ bigint: true }))) throw changed('A file')
}

const skippedAs = (entry: BigIntStats): 'socket' | 'fifo' | 'device' => {
  if (entry.isSocket()) return 'socket'
  return entry.isFIFO() ? 'fifo' : 'device'
}

/**
 * Makes a tar file of a directory in the order of the paths' bytes, without following links. The next piece overwrites the
 * last.
 * @throws {SitewrightError} `ArchivingFailed` where something changed meanwhile, a path is too long, or sparse files have too many holes.
 */
export const packDirectory = async function* (packing: Packing): AsyncGenerator<Buffer> {
  const { directory, firstNames, add } = packing
  using tree = holdTree(directory)
  const addHoles = limitHoles()

  const packFile = async function* (path: BytePath, stat: BigIntStats): AsyncGenerator<Buffer> {
    const about = { path, mode: Number(stat.mode) & 0o7777, mtime: mtimeText(stat.mtimeNs) }
    const first = stat.nlink > 1n ? await firstNames.meet(stat, path) : undefined
    if (first !== undefined) {
      const link = { ...about, type: 'hardlink', target: first } as const
      yield tarHeader(link)
      return await add(link)
    }
    addHoles(stat)
    const head = { ...about, type: 'file', size: Number(stat.size) } as const
    const hash = createHash('sha256')
    yield tarHeader(head)
    for await (const piece of contentOf(tree.place(path), stat)) {
      hash.update(piece)
      yield piece
    }
    yield tarPadding(head.size)
    await add({ ...head, sha256: hash.digest('hex') })
  }

  const packOther = async function* (path: BytePath, stat: BigIntStats): AsyncGenerator<Buffer> {
    const about = { path, mode: Number(stat.mode) & 0o7777, mtime: mtimeText(stat.mtimeNs) }
    if (!stat.isDirectory() && !stat.isSymbolicLink()) {
      return await add({ ...about, type: 'skipped', was: skippedAs(stat) })
    }
    const entry: EntryHead = stat.isDirectory()
      ? { ...about, type: 'directory' }
      : { ...about, type: 'symlink', target: fromBytes(await readlink(tree.place(path), { encoding: 'buffer' })) }
    yield tarHeader(entry)
    await add(entry)
  }

  const packInside = async function* (path: BytePath, before: BigIntStats, depth: number): AsyncGenerator<Buffer> {
    for await (const name of namesInOrder(() => tree.inside(path), namesAtATime(depth))) {
      const inside = pathOf(path, name)
      if (inside === leaseName) continue
      const stat = await lstat(tree.place(inside), { bigint: true })
      yield* stat.isFile() ? packFile(inside, stat) : packOther(inside, stat)
      if (stat.isDirectory()) yield* packInside(inside, stat, depth + 1)
    }
    if (!isSame(before, await statOf(tree.inside(path), { bigint: true }))) throw changed('A directory')
  }

  const root = await lstat(directory, { bigint: true })
  if (!root.isDirectory()) throw new SitewrightError('ArchivingFailed', 'The data directory is no directory.')
  yield* packInside('', root, 0)
  yield tarEnd
}

const nanoseconds = 1_000_000_000n

/** Nanoseconds since 1970 as seconds, with as many decimals as it takes. */
const mtimeText = (time: bigint): string => {
  const absolute = time < 0n ? -time : time
  const fraction = String(absolute % nanoseconds)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${time < 0n ? '-' : ''}${absolute / nanoseconds}${fraction === '' ? '' : `.${fraction}`}`
}

/** Stores paths as targets of links in a directory of its own: memory may not hold all files that have several names. */
export const openFirstNames = async (scratch: string) => {
  const directory = join(scratch, 'first-names')
  await mkdir(directory)
  return {
    /** Records a new file's path, or returns the path where the file was met before. */
    meet: async (
      { dev, ino }: { readonly dev: bigint; readonly ino: bigint },
      path: BytePath,
    ): Promise<BytePath | undefined> => {
      const place = join(directory, `${dev}-${ino}`)
      try {
        await symlink(bytesOf(path), place)
        return undefined
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error
        return fromBytes(await readlink(place, { encoding: 'buffer' }))
      }
    },
  }
}

/** In bytes. A hole takes no disk and no storage of a plan, but whoever reads it reads zeros: archives and backups do. */
const maxHoles = 64n * 2n ** 30n

/** The unit in which the system counts blocks, whatever the file system's own is. */
const blockBytes = 512n

type Sized = Pick<BigIntStats, 'size' | 'blocks'>

/** In bytes; less than nothing where the end of the last block is not used. */
export const holesIn = ({ size, blocks }: Sized): bigint => size - blocks * blockBytes

/**
 * Adds up the holes in the files of one site.
 * @returns a function to call with each file before it is read. It throws {SitewrightError} `ArchivingFailed` once the holes are too many.
 */
export const limitHoles = (): ((file: Sized) => void) => {
  let holes = 0n
  return (file) => {
    const bytes = holesIn(file)
    if (bytes > 0n) holes += bytes
    if (holes <= maxHoles) return
    const reason = `The holes in sparse files are more than ${maxHoles / 2n ** 30n} GiB; have the site make them smaller`
    throw new SitewrightError('ArchivingFailed', `${reason} (docs/limits.md says how to find them).`)
  }
}
