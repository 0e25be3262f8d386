import { createHash } from 'node:crypto'
import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveId, SiteId } from '../../core/ids.ts'
import { type ArchiveStore, archiveKeys } from '../../core/ports/archives.ts'
import type { BytePath } from '../files/held-tree.ts'
import { type ByteReader, createByteReader, decompress, digested, pieceBytes } from './compress.ts'
import { createManifestTally, type ManifestEnd, manifestHeadSchema } from './manifest.ts'
import {
  type ArchiveEntry,
  type FileEntry,
  isAfter,
  isSafePath,
  isSafeTarget,
  longestLine,
  parentOf,
  parseEntryLine,
  textOf,
} from './manifest-entry.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

const damaged = (message: string, cause?: unknown): SitewrightError =>
  new SitewrightError('ArchiveDamaged', message, cause === undefined ? {} : { cause })

export interface StoredArchivePlace {
  readonly archives: Pick<ArchiveStore, 'open'>
  readonly siteId: SiteId
  readonly archiveId: ArchiveId
  /** Set for an archive of somebody else: it must have no more data, and no link that leads out of it. */
  readonly maxBytes?: number
}

const parse = <Result>(what: string, work: () => Result): Result => {
  try {
    return work()
  } catch (cause) {
    throw damaged(`${what} of the manifest cannot be read.`, cause)
  }
}

/**
 * Reads the manifest of an archive line by line.
 * @throws {SitewrightError} `ArchiveDamaged` where it is missing, of another archive, or not as it was written.
 */
export const readManifest = async ({ archives, siteId, archiveId, maxBytes }: StoredArchivePlace) => {
  const stored = await archives.open(archiveKeys(siteId, archiveId).manifest)
  if (stored === undefined) throw damaged('The archive has no manifest.')
  const tally = createManifestTally()
  const directories = createOpenDirectories()
  const requireAllowed = maxBytes === undefined ? undefined : allowedOf(maxBytes)
  let lastLine: string | undefined

  const entries = async function* () {
    const lines = readLines(stored)
    const first = await lines.next()
    const head = parse('The first line', () => manifestHeadSchema.parse(JSON.parse(first.value ?? '')))
    if (head.site !== siteId || head.archiveId !== archiveId) throw damaged('The manifest is of another archive.')
    tally.addLine(first.value ?? '')
    for await (const line of lines) {
      // The line before turned out not to be the last one.
      if (lastLine !== undefined) {
        const present = lastLine
        const entry = parse('A line', () => parseEntryLine(present))
        tally.addLine(present, entry)
        requireAllowed?.(entry)
        yield { entry, left: directories.enter(entry) }
      }
      lastLine = line
    }
  }

  return {
    /** The entries, each with the directories that come to their end before it. */
    entries: entries(),
    /** After the last entry: the directories that are still open. */
    leaveAll: directories.leaveAll,
    /** After the last entry: compares the last line with the content that was read. @throws {SitewrightError} `ArchiveDamaged` */
    requireEnd: (content: Pick<ManifestEnd, 'storedBytes' | 'contentSha256'>): ManifestEnd => {
      const end = tally.end(content)
      if (lastLine !== JSON.stringify(end)) throw damaged('The archive is not what its manifest says.')
      return end
    },
  }
}

/** As the last line of a manifest says, which nothing was compared with yet. 0 where there is none: reading finds out why. */
export const dataBytesOf = async ({
  archives,
  siteId,
  archiveId,
}: Omit<StoredArchivePlace, 'maxBytes'>): Promise<number> => {
  let tail = Buffer.alloc(0)
  for await (const chunk of (await archives.open(archiveKeys(siteId, archiveId).manifest)) ?? []) {
    tail = Buffer.concat([tail, chunk]).subarray(-longestLine)
  }
  const [, bytes = '0'] = /"bytes":(\d{1,15}),[^\n]*\n$/.exec(tail.toString()) ?? []
  return Number(bytes)
}

export type ManifestReader = Awaited<ReturnType<typeof readManifest>>

const lineEnd = 0x0a

/** The lines of a manifest. @throws {SitewrightError} `ArchiveDamaged` where a line is too long, or the last has no end. */
const readLines = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(lineEnd); end >= 0; end = rest.indexOf(lineEnd)) {
      yield rest.toString('utf8', 0, end)
      rest = rest.subarray(end + 1)
    }
    if (rest.length > longestLine) throw new SitewrightError('ArchiveDamaged', 'A line of the manifest is too long.')
  }
  if (rest.length > 0) throw new SitewrightError('ArchiveDamaged', 'The manifest ends early.')
}

/** Directories are real ones, so going up from one is the same whatever other links there are. */
const leadsOut = ({ path, target }: Extract<ArchiveEntry, { type: 'symlink' }>): boolean => {
  const names = target.split('/')
  const ups = names.findIndex((name) => name !== '..')
  const down = ups < 0 ? [] : names.slice(ups)
  return target.startsWith('/') || down.includes('..') || names.length - down.length >= path.split('/').length
}

/** In bytes: what an entry takes besides its content. */
const entryBytes = 512

/** Adds up what an archive has. @throws {SitewrightError} `ArchiveDamaged` before more than that is written. */
const allowedOf = (maxBytes: number) => {
  let bytes = 0
  return (entry: ArchiveEntry): void => {
    bytes += entryBytes + (entry.type === 'file' ? entry.size : 0)
    if (bytes > maxBytes) throw damaged('The archive has more data than is allowed.')
    if (entry.type === 'symlink' && leadsOut(entry)) {
      // Apart: names in the data are for its owner alone, and messages are logged.
      throw damaged('The archive has a link that leads out of the data directory.', textOf(entry.path))
    }
    if (entry.type === 'skipped' && entry.was === 'device') throw damaged('The archive has a device.')
  }
}

export type DirectoryEntry = Extract<ArchiveEntry, { type: 'directory' }>

const requireSafe = (entry: ArchiveEntry): void => {
  if (!isSafePath(entry.path)) throw damaged('A path of the archive leads out of the data directory.')
  if (entry.type === 'symlink' && !isSafeTarget(entry.target)) throw damaged('A link of the archive leads nowhere.')
  if (entry.type === 'hardlink' && !(isSafePath(entry.target) && isAfter(entry.path, entry.target))) {
    throw damaged('A hard link points to no earlier file.')
  }
}

/** Follows entries in the order of an archive, with the directories in memory that the present one is in. */
const createOpenDirectories = () => {
  const open: DirectoryEntry[] = []
  let last: BytePath | undefined

  const leaveUntil = (path: BytePath | undefined): readonly DirectoryEntry[] => {
    const left: DirectoryEntry[] = []
    for (let top = open.at(-1); top !== undefined && top.path !== path; top = open.at(-1)) {
      left.push(top)
      open.pop()
    }
    return left
  }

  return {
    /**
     * Moves to an entry. @returns the directories that it leaves, innermost first.
     * @throws {SitewrightError} `ArchiveDamaged` if its path is outside the data directory, repeated, out of order or not in
     *   an earlier directory: an entry is never in a link.
     */
    enter: (entry: ArchiveEntry): readonly DirectoryEntry[] => {
      requireSafe(entry)
      if (last !== undefined && !isAfter(entry.path, last)) throw damaged('An entry is there twice, or out of order.')
      last = entry.path
      const parent = parentOf(entry.path)
      const left = leaveUntil(parent === '' ? undefined : parent)
      if ((open.at(-1)?.path ?? '') !== parent) throw damaged('An entry is in no directory of the archive.')
      if (entry.type === 'directory') open.push(entry)
      return left
    },
    /** Leaves all that are open. */
    leaveAll: (): readonly DirectoryEntry[] => leaveUntil(undefined),
  }
}

/** An entry, and after a file's entry what is in it, piece by piece. Its digest has been compared when the next entry comes. */
export type ArchivePiece = { readonly entry: ArchiveEntry } | { readonly data: Buffer }

const requireNext = async (tar: ByteReader, expected: Buffer): Promise<void> => {
  if (expected.length > 0 && !(await tar.take(expected.length)).equals(expected)) {
    throw damaged('The archive holds something else than its manifest says.')
  }
}

const readFileContent = async function* (tar: ByteReader, { size, sha256 }: FileEntry): AsyncGenerator<ArchivePiece> {
  const hash = createHash('sha256')
  for (let missing = size; missing > 0; ) {
    const data = await tar.takeSome(Math.min(missing, pieceBytes))
    hash.update(data)
    yield { data }
    missing -= data.length
  }
  await requireNext(tar, tarPadding(size))
  if (hash.digest('hex') !== sha256) throw damaged('The content of a file is not what the manifest says.')
}

/**
 * Reads an archive and compares every byte of it with its manifest. Holds one entry in memory at a time.
 * @returns the end of the manifest, when everything matches. @throws {SitewrightError} `ArchiveDamaged`
 */
export const readArchive = async function* (place: StoredArchivePlace): AsyncGenerator<ArchivePiece, ManifestEnd> {
  const stored = await place.archives.open(archiveKeys(place.siteId, place.archiveId).content)
  if (stored === undefined) throw damaged('The archive is gone.')
  const manifest = await readManifest(place)
  const { content, result } = digested(stored)
  const tar = createByteReader(decompress(content))
  try {
    for await (const { entry } of manifest.entries) {
      if (entry.type !== 'skipped') await requireNext(tar, tarHeader(entry))
      yield { entry }
      if (entry.type === 'file') yield* readFileContent(tar, entry)
    }
    await requireNext(tar, tarEnd)
    if (!(await tar.isAtEnd())) throw damaged('The archive has data after its end.')
    return manifest.requireEnd(result())
  } finally {
    await tar.close()
  }
}

/** Reads back all of a stored archive. @throws {SitewrightError} `ArchiveDamaged` where anything differs from its manifest. */
export const verifyArchive = async (place: StoredArchivePlace): Promise<ManifestEnd> => {
  const pieces = readArchive(place)
  for (;;) {
    const next = await pieces.next()
    if (next.done === true) return next.value
  }
}
