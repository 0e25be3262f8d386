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
  readonly files: number
  readonly bytes: number
}

const markSchema = z.strictObject({
  /** Nothing waits for the disk to have the data. So it counts only until the machine starts anew. */
  boot: z.string(),
  job: z.custom<CopyJob>((job) => archiveJobSchema.safeParse(job).data?.kind === 'copy'),
  files: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
})

/** Undefined elsewhere than on Linux. */
const findBoot = (): Promise<string | undefined> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined)

const placeOf = (archiveDirectory: string, { siteId, archiveId }: ArchiveName): string =>
  plainCopyOf(archiveDirectory, archiveKeys(siteId, archiveId).content)

/** More would not fit into a worker's memory, and copying them takes as long as packing. */
const maxEntries = 100_000

/**
 * What a directory has besides directories and what has an omitted name at the top.
 * @returns `entries` with directories; `bytes` with holes, of a file with several names once; the latest change of anything; whether something
 *   holds no data.
 */
export const sizeOf = async (directory: string, omitted = leaseName) => {
  const sum = { entries: 0, files: 0, bytes: 0, changedAt: 0n, hasOthers: false }
  for await (const { path, stat } of diskEntries(directory)) {
    if (path === omitted || path.startsWith(`${omitted}/`)) continue
    if (stat.ctimeNs > sum.changedAt) sum.changedAt = stat.ctimeNs
    sum.entries += 1
    if (stat.isDirectory()) continue
    if (!stat.isFile() && !stat.isSymbolicLink()) sum.hasOthers = true
    sum.files += 1
    sum.bytes += Number(stat.size) / Number(stat.nlink)
  }
  return { ...sum, bytes: Math.round(sum.bytes) }
}

/**
 * Copies a data directory, and removes earlier copies of the site. @returns undefined where that cannot be: the archive has to be packed at
 * once, and whoever packs it says what is wrong with the data.
 */
export const takePlainCopy = async (
  job: CopyJob,
  around: { readonly archiveDirectory: string; readonly directory: string; readonly room: number },
): Promise<PlainCopy | undefined> => {
  const { archiveDirectory, directory, room } = around
  const boot = await findBoot()
  if (boot === undefined) return undefined
  const place = placeOf(archiveDirectory, job)
  for (const name of await readdir(archiveDirectory)) {
    const isEarlier = name.startsWith(job.siteId) && name.endsWith(plainSuffix)
    if (isEarlier) await removePlainCopy(join(archiveDirectory, name))
  }
  try {
    const before = await sizeOf(directory)
    // The archive comes beside it. And its manifest names what holds no data.
    if (2 * before.bytes > room || before.entries > maxEntries || before.hasOthers) return undefined
    const data = join(place, 'data')
    await mkdir(data, { mode: 0o700, recursive: true })
    await copyTree(directory, data, { directories: new Map(), since: 0n, signal: new AbortController().signal })
    await rm(join(data, leaseName), { recursive: true, force: true })
    const { changedAt, files, bytes } = await sizeOf(directory)
    const isSame = changedAt === before.changedAt && files === before.files
    if (!isSame) throw new Error('something still writes there')
    await replaceFile(join(place, plainMark), JSON.stringify({ boot, job, files, bytes }), { flush: 'later' })
    return { place, directory: data, job, files, bytes }
  } catch {
    await removePlainCopy(place)
    return undefined
  }
}

const readMark = async (place: string): Promise<PlainCopy | undefined> => {
  const text = await readFile(join(place, plainMark), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { boot, ...found } = markSchema.parse(JSON.parse(text))
  return boot === (await findBoot()) ? { place, directory: join(place, 'data'), ...found } : undefined
}

/** Undefined where there is none that is whole. */
export const findPlainCopy = async (
  archiveDirectory: string | undefined,
  name: ArchiveName,
): Promise<PlainCopy | undefined> =>
  archiveDirectory === undefined ? undefined : readMark(placeOf(archiveDirectory, name))

export const isThere = async ({ place }: PlainCopy): Promise<boolean> => (await readMark(place)) !== undefined
