import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../problem.ts'
import { checkEntries } from '../zip/check-entries.ts'
import { extractEntry, readZip, type ZipEntry } from '../zip/read-zip.ts'
import type { Course } from './course.ts'
import { syncDirectory } from './files.ts'
import { readManifest } from './read-manifest.ts'
import { bytesOnDisk, type Reservation } from './storage-room.ts'

const mostEntries = 10_000
const largestManifest = 4 * 1024 * 1024
/** On a network file system each file takes a few round trips. */
const filesAtOnce = 8

const manifestName = 'imsmanifest.xml'

const findManifest = (files: readonly ZipEntry[]): ZipEntry => {
  const manifest = files.find(({ path }) => path === manifestName)
  if (manifest === undefined) {
    const deeper = files.find(({ path }) => path.endsWith(`/${manifestName}`))
    const hint = deeper === undefined ? '' : ` There is ${deeper.path}: pack what is in the folder, not the folder.`
    throw new Problem(400, `The package has no ${manifestName} at its root, so it is no SCORM package.${hint}`)
  }
  if (manifest.bytes > largestManifest)
    throw new Problem(400, `${manifestName} has more than ${largestManifest} bytes.`)
  return manifest
}

/** A generator ends for all its readers once one of them throws, so that the others stop early. */
function* oneByOne<Item>(items: readonly Item[]): Generator<Item> {
  yield* items
}

const extractAll = async (archive: FileHandle, entries: readonly ZipEntry[], content: string): Promise<void> => {
  const folders = new Set(entries.map(({ path }) => dirname(join(content, path))))
  for (const folder of folders) await mkdir(folder, { recursive: true })
  const waiting = oneByOne(entries)
  const work = async (): Promise<void> => {
    for (const entry of waiting) await extractEntry(archive, entry, join(content, entry.path))
  }
  const ended = await Promise.allSettled(Array.from({ length: filesAtOnce }, work))
  const failed = ended.find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  const withParents = new Set([content, ...[...folders].flatMap((folder) => parentsUpTo(folder, content))])
  for (const folder of withParents) await syncDirectory(folder)
}

/** Every folder of a package, parents included; each takes a block. */
const foldersOf = (files: readonly ZipEntry[]): ReadonlySet<string> =>
  new Set(files.flatMap(({ path }) => parentsUpTo(dirname(path), '.')))

const parentsUpTo = (folder: string, top: string): readonly string[] =>
  folder === top ? [top] : [folder, ...parentsUpTo(dirname(folder), top)]

/**
 * Checks a SCORM package, unpacks it into an empty directory, and returns once all of it is on disk.
 * @throws {Problem} 400 that says what is wrong with it, 507 where the plan has no room for what is in it. The caller removes what was unpacked until then.
 */
export const unpackCourse = async (
  packagePath: string,
  content: string,
  { mostBytes, room }: { readonly mostBytes: number; readonly room: Reservation },
): Promise<Pick<Course, 'title' | 'version' | 'items' | 'bytes' | 'files'>> => {
  await using archive = await open(packagePath, 'r')
  const entries = await readZip(archive, mostEntries)
  checkEntries(entries, mostBytes)
  const files = entries.filter(({ isDirectory }) => !isDirectory)
  const size = { files: files.length, bytes: files.reduce((total, { bytes }) => total + bytes, 0) }
  room.resize(bytesOnDisk({ ...size, files: size.files + foldersOf(files).size }))
  const manifest = findManifest(files)
  // The manifest alone at first: it is the reason for most refusals.
  await extractAll(archive, [manifest], content)
  const paths = new Set(files.map(({ path }) => path))
  const contents = await readManifest(await readFile(join(content, manifestName)), paths)
  const others = files.filter((entry) => entry !== manifest)
  await extractAll(archive, others, content)
  return { ...contents, ...size }
}
