import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { type BigIntStats, constants } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { hasCode } from '../durable-files/replace-file.ts'
import { holdTree, longestPath, unlessGone } from '../files/held-tree.ts'
import { holesIn, limitHoles } from './pack-directory.ts'

/** Smaller files are copied at once, without their holes. */
export const smallBytes = 128 * 1024

/** Larger ones are copied by a process: within the system, in half of the time. Its start takes as long as copying so much here. */
const largeBytes = 4 * 2 ** 20

const read = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** What a site removes or replaces meanwhile, such as a link by a file, or a file by a socket, is not in the copy. Only for calls on its own tree. */
const ifThere = <Result>(check: () => Result): Result | undefined => {
  try {
    return check()
  } catch (error) {
    return hasCode(error, 'EINVAL', 'ENXIO') ? undefined : unlessGone(error)
  }
}

/** cp(1) of GNU coreutils keeps holes, and shares blocks where the file system can. It gets two open files and no path. */
const copyLarge = async (from: number, to: number, signal: AbortSignal): Promise<void> => {
  const child = spawn('cp', ['--', '/proc/self/fd/3', '/proc/self/fd/4'], {
    stdio: ['ignore', 'ignore', 'inherit', from, to],
    signal,
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`cp of a file ended with ${code}`)
}

/** Whether one file has the blocks of another now. Without `FORCE`, Node copies them, and never ends if the file gets shorter meanwhile. */
const shareBlocks = (from: number, to: number): boolean => {
  try {
    fs.copyFileSync(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`, constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch {
    return false
  }
}

const openContents = (signal: AbortSignal) => {
  const piece = Buffer.allocUnsafeSlow(2 ** 20)
  /** Until a file was refused: then the file system cannot. */
  let canShare = true

  const copyPieces = async (from: number, to: number, size: number): Promise<void> => {
    for (let at = 0; at < size; ) {
      const bytes = fs.readSync(from, piece, 0, Math.min(piece.length, size - at), at)
      if (bytes === 0) return
      for (let written = 0; written < bytes; ) written += fs.writeSync(to, piece, written, bytes - written)
      at += bytes
      if (at < size) await turn()
      signal.throwIfAborted()
    }
  }

  return async (from: number, to: number, stat: BigIntStats): Promise<void> => {
    const size = Number(stat.size)
    if (size <= smallBytes) return copyPieces(from, to, size)
    if (size > largeBytes || holesIn(stat) > 0n) return copyLarge(from, to, signal)
    canShare &&= shareBlocks(from, to)
    return canShare ? undefined : copyPieces(from, to, size)
  }
}

const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`
/** Numbers have no more than microseconds of a time of today. As text, because Node takes a number before 1970 for now. */
const secondsOf = (nanoseconds: bigint): string => String(Number(nanoseconds / 1000n) / 1e6)
const modeOf = ({ mode }: BigIntStats): number => Number(mode) & 0o7777

/**
 * Brings a copy of a tree up to date. Keeps owners, modes, times, symbolic and hard links; leaves out what holds no data. An entry of the copy
 * is never written to, only replaced, so that no link in it matters.
 * @param options.directories by the inode of a copied directory, which directory of the tree it is a copy of. Moving one changes nothing of its files.
 * @param options.since files whose status changed later are copied again.
 * @param options.keeps names at the top of the copy that stay as they are, as does the top itself.
 * @throws {Error} if a path is too long, or the files have too many holes: whoever packs the copy would read these as zeros.
 */
export const copyTree = async (
  from: string,
  to: string,
  {
    directories,
    since,
    signal,
    keeps,
  }: { directories: Map<bigint, string>; since: bigint; signal: AbortSignal; keeps?: ReadonlySet<string> },
): Promise<void> => {
  using source = holdTree(from)
  using copy = holdTree(to)
  using firsts = holdTree(to)
  const firstNames = new Map<string, string>()
  const copyContent = openContents(signal)
  const addHoles = limitHoles()
  const bigint = true

  const remove = (path: string): void => fs.rmSync(copy.place(path), { recursive: true, force: true })

  const copyFile = async (path: string): Promise<void> => {
    const opened = ifThere(() => fs.openSync(source.place(path), read))
    if (opened === undefined) return
    let copied: number | undefined
    try {
      const stat = fs.fstatSync(opened, { bigint })
      if (!stat.isFile()) return
      addHoles(stat)
      copied = fs.openSync(copy.place(path), create, 0o600)
      await copyContent(opened, copied, stat)
      fs.fchownSync(copied, Number(stat.uid), Number(stat.gid))
      fs.fchmodSync(copied, modeOf(stat))
      fs.futimesSync(copied, secondsOf(stat.atimeNs), secondsOf(stat.mtimeNs))
    } catch (error) {
      remove(path)
      throw error
    } finally {
      fs.closeSync(opened)
      if (copied !== undefined) fs.closeSync(copied)
    }
  }

  const copyLink = (path: string, stat: BigIntStats): void => {
    const target = ifThere(() => fs.readlinkSync(source.place(path), { encoding: 'buffer' }))
    if (target === undefined) return
    const place = copy.place(path)
    fs.symlinkSync(target, place)
    fs.lchownSync(place, Number(stat.uid), Number(stat.gid))
    fs.lutimesSync(place, secondsOf(stat.atimeNs), secondsOf(stat.mtimeNs))
  }

  const isCopied = (path: string, stat: BigIntStats): boolean => {
    const copied = fs.lstatSync(copy.place(path), { bigint, throwIfNoEntry: false })
    const isSame = stat.isFile() ? copied?.isFile() : stat.isSymbolicLink() && copied?.isSymbolicLink()
    return isSame === true && stat.size === copied?.size && stat.ctimeNs < since
  }

  /** The name under which a file with several was met before, in this pass. */
  const firstNameOf = (path: string, stat: BigIntStats): string | undefined => {
    if (stat.nlink === 1n) return undefined
    const first = firstNames.get(identityOf(stat))
    if (first === undefined) firstNames.set(identityOf(stat), path)
    return first
  }

  const copyOther = async (path: string, stat: BigIntStats, isKnown: boolean): Promise<void> => {
    const first = firstNameOf(path, stat)
    if (isKnown && isCopied(path, stat)) {
      if (first === undefined && stat.isFile()) addHoles(stat)
      return
    }
    remove(path)
    if (first !== undefined && fs.lstatSync(firsts.place(first), { throwIfNoEntry: false })?.isFile()) {
      fs.linkSync(firsts.place(first), copy.place(path))
    } else if (stat.isFile()) await copyFile(path)
    else if (stat.isSymbolicLink()) copyLink(path, stat)
  }

  /** Each name once: what is in the copy stays as it is until the end, and no directory of it becomes a link. */
  const namesIn = (path: string): ReadonlySet<string> =>
    new Set(ifThere(() => fs.readdirSync(source.inside(path), { encoding: 'latin1' })))

  /** @returns the inode of the directory in the copy. */
  const openCopy = (path: string): bigint => {
    if (path !== '' && !fs.lstatSync(copy.place(path), { throwIfNoEntry: false })?.isDirectory()) {
      remove(path)
      fs.mkdirSync(copy.place(path), 0o700)
    }
    if (path !== '' || keeps === undefined) fs.chmodSync(copy.inside(path), 0o700)
    return fs.statSync(copy.inside(path), { bigint }).ino
  }

  const settleDirectory = (place: Buffer, stat: BigIntStats): void => {
    fs.chownSync(place, Number(stat.uid), Number(stat.gid))
    fs.chmodSync(place, modeOf(stat))
    fs.utimesSync(place, secondsOf(stat.atimeNs), secondsOf(stat.mtimeNs))
  }

  const copyDirectory = async (path: string, stat: BigIntStats): Promise<void> => {
    if (path.length > longestPath) throw new Error(`a path in ${from} is longer than ${longestPath} bytes`)
    const ino = openCopy(path)
    const isKnown = directories.get(ino) === identityOf(stat)
    const names = namesIn(path)
    const inside = (name: string): string => (path === '' ? name : `${path}/${name}`)
    const copied = fs.readdirSync(copy.inside(path), { encoding: 'latin1' })
    const kept = path === '' ? keeps : undefined
    for (const name of copied.filter((one) => !names.has(one) && !kept?.has(one))) remove(inside(name))
    let entries = 0
    for (const name of names) {
      // What else this process does gets its turn, such as a signal.
      if (++entries % 64 === 0) await turn()
      signal.throwIfAborted()
      await copyEntry(inside(name), isKnown)
    }
    directories.set(ino, identityOf(stat))
    if (kept === undefined) settleDirectory(copy.inside(path), stat)
  }

  const copyEntry = async (path: string, isKnown: boolean): Promise<void> => {
    const stat = ifThere(() => fs.lstatSync(source.place(path), { bigint }))
    // By its open directory, which may be another one by now.
    const opened = stat?.isDirectory() ? ifThere(() => fs.statSync(source.inside(path), { bigint })) : stat
    if (opened?.isDirectory()) await copyDirectory(path, opened)
    else if (opened !== undefined) await copyOther(path, opened, isKnown)
    else remove(path)
  }

  await copyDirectory('', fs.statSync(source.inside(''), { bigint }))
}
