import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { type ArchiveJob, archiveJobSchema, archiveKeys } from '../../core/ports/archives.ts'
import { replaceFile } from '../durable-files/replace-file.ts'
import { plainCopyOf, plainMark, plainSuffix, removePlainCopy } from '../files/archive-store.ts'
import { diskEntries } from '../files/held-tree.ts'
import { leaseName } from '../files/site-lease.ts'
import { copyTree } from './copy-tree.ts'

type CopyJob = Extract<ArchiveJob, { kind: 'copy' }>
type ArchiveName = Pick<CopyJob, 'siteId' | 'archiveId'>

/**
 * The data of a stopped site as it is, beside the archive that is to be packed from it. It takes a fraction of the time of packing, and the site
 * runs again after it.
 */
export interface PlainCopy {
  readonly place: string
  /** The data in it. */
  readonly directory: string
  /** What the archive is packed by. */
  readonly job: CopyJob
  /** All that is in it, with directories. */
  readonly entries: number
  readonly files: number
  /** A file with several names counts once. */
  readonly bytes: number
  /** In bytes: those of all files, by each of their names. */
  readonly sizes: string
}

const markSchema = z.strictObject({
  /** Nothing waits for the disk to have the data. So it counts only until the machine starts anew. */
  boot: z.string(),
  job: z.custom<CopyJob>((job) => archiveJobSchema.safeParse(job).data?.kind === 'copy'),
  entries: z.int().nonnegative(),
  files: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  sizes: z.string().regex(/^\d+$/),
})

/** Undefined elsewhere than on Linux. */
const findBoot = (): Promise<string | undefined> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined)

const placeOf = (archiveDirectory: string, { siteId, archiveId }: ArchiveName): string =>
  plainCopyOf(archiveDirectory, archiveKeys(siteId, archiveId).content)

/** More would not fit into the memory of a worker, and copying them takes as long as packing. */
const maxEntries = 100_000
const maxBytesOfNames = 8 * 2 ** 20

/** The unit in which the system counts blocks. */
const blockBytes = 512n

/**
 * What is in a directory, besides omitted names at the top.
 * @returns `bytes` of a file with several names once. `sizes` and `changes` are sums, and differ after any change.
 */
export const surveyDirectory = async (directory: string, omitted: readonly string[] = [leaseName]) => {
  const sum = {
    entries: 0,
    files: 0,
    bytes: 0,
    bytesOnDisk: 0,
    bytesOfNames: 0,
    sizes: 0n,
    changes: 0n,
    hasOthers: false,
  }
  for await (const { path, stat } of diskEntries(directory)) {
    if (omitted.includes(path.split('/', 1)[0] ?? '')) continue
    const isDirectory = stat.isDirectory()
    const blocks = stat.blocks * blockBytes
    sum.entries += 1
    sum.changes += stat.ctimeNs
    sum.bytesOnDisk += Number(stat.size > blocks ? stat.size : blocks)
    // A copy remembers the whole path of a file that has several.
    sum.bytesOfNames += path.length - (stat.nlink > 1n && !isDirectory ? 0 : path.lastIndexOf('/') + 1)
    if (isDirectory) continue
    if (!stat.isFile() && !stat.isSymbolicLink()) sum.hasOthers = true
    sum.files += 1
    sum.sizes += stat.size
    sum.bytes += Number(stat.size) / Number(stat.nlink)
  }
  return { ...sum, bytes: Math.round(sum.bytes) }
}

type Survey = Awaited<ReturnType<typeof surveyDirectory>>

/** Whether one directory has as much in it as another. */
export const matchesPlainCopy = (one: Pick<Survey, 'entries' | 'files' | 'sizes'>, other: PlainCopy): boolean =>
  one.entries === other.entries && one.files === other.files && one.sizes === BigInt(other.sizes)

/** The archive comes beside it. And its manifest names what holds no data. */
const canBePlain = (data: Survey, room: number): boolean =>
  2 * data.bytesOnDisk <= room && data.entries <= maxEntries && data.bytesOfNames <= maxBytesOfNames && !data.hasOthers

/**
 * Copies a data directory, and removes earlier copies of the site. @returns undefined where that cannot be: the archive has to be packed at
 * once, and whoever packs it says what is wrong with the data.
 */
export const takePlainCopy = async (
  job: CopyJob,
  around: {
    readonly archiveDirectory: string
    readonly directory: string
    readonly room: number
    readonly complain: (error: unknown) => void
  },
): Promise<PlainCopy | undefined> => {
  const { archiveDirectory, directory, room, complain } = around
  const boot = await findBoot()
  if (boot === undefined) return undefined
  const place = placeOf(archiveDirectory, job)
  for (const name of await readdir(archiveDirectory)) {
    const isEarlier = name.startsWith(job.siteId) && name.endsWith(plainSuffix)
    if (isEarlier) await removePlainCopy(join(archiveDirectory, name))
  }
  try {
    const before = await surveyDirectory(directory)
    if (!canBePlain(before, room)) return undefined
    const data = join(place, 'data')
    await mkdir(data, { mode: 0o700, recursive: true })
    await copyTree(directory, data, { directories: new Map(), since: 0n, signal: new AbortController().signal })
    await rm(join(data, leaseName), { recursive: true, force: true })
    const { changes, entries, files, bytes, sizes } = await surveyDirectory(directory)
    if (changes !== before.changes) throw new Error('something still writes there')
    const found = { job, entries, files, bytes, sizes: String(sizes) }
    await replaceFile(join(place, plainMark), JSON.stringify({ boot, ...found }), { flush: 'later' })
    return { place, directory: data, ...found }
  } catch (error) {
    complain(error)
    await removePlainCopy(place)
    return undefined
  }
}

const readMark = async (place: string): Promise<PlainCopy | undefined> => {
  try {
    const { boot, ...found } = markSchema.parse(JSON.parse(await readFile(join(place, plainMark), 'utf8')))
    return boot === (await findBoot()) ? { place, directory: join(place, 'data'), ...found } : undefined
  } catch {
    // There is none, or a power cut took it.
    return undefined
  }
}

/** Undefined where there is none that is whole. */
export const findPlainCopy = async (
  archiveDirectory: string | undefined,
  name: ArchiveName,
): Promise<PlainCopy | undefined> =>
  archiveDirectory === undefined ? undefined : readMark(placeOf(archiveDirectory, name))

/** Whether nobody has begun to remove it. */
export const isThere = async ({ place, job }: PlainCopy): Promise<boolean> => (await readMark(place))?.job.id === job.id
