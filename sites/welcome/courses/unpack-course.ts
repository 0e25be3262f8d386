import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../problem.ts'
import { extractEntry, readZip, type ZipEntry } from '../zip/read-zip.ts'
import type { Course, CourseContents, ScormVersion } from './course.ts'
import { syncDirectory } from './files.ts'
import { launchItemsOf } from './launch-items.ts'
import { bytesOnDisk, type Reservation } from './storage-room.ts'
import { childNamed, childrenNamed, lineOf, parseXml, type XmlElement } from './xml-element.ts'

const maxEntries = 10_000
const largestManifest = 4 * 1024 * 1024
/** On a network file system each file takes a few round trips. */
const filesAtOnce = 8

/** A small archive is harmless at any ratio: a page of zeros shrinks a thousandfold. */
const harmlessBytes = 4 * 1024 * 1024
/** Text shrinks to a tenth, pictures and films not at all. Deflate's own best is 1,032 to one. */
const largestRatio = 100

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const checkSizes = (entries: readonly ZipEntry[], maxBytes: number): void => {
  const bytes = sum(entries.map((entry) => entry.bytes))
  const compressedBytes = sum(entries.map(({ listed }) => listed.compressedSize))
  if (bytes > maxBytes) throw new Problem(400, `The package unpacks to ${bytes} bytes; ${maxBytes} are allowed.`)
  if (bytes > harmlessBytes && bytes > compressedBytes * largestRatio) {
    throw new Problem(400, `The package unpacks to more than ${largestRatio} times its size. That is no course.`)
  }
}

const checkPaths = (entries: readonly ZipEntry[]): void => {
  const files = new Set<string>()
  for (const { path, isDirectory } of entries) {
    if (isDirectory) continue
    if (files.has(path)) throw new Problem(400, `The package holds ${path} twice.`)
    files.add(path)
  }
  for (const { path, isDirectory } of entries) {
    const segments = path.split('/')
    const folders = segments.map((_, index) => segments.slice(0, index + (isDirectory ? 1 : 0)).join('/'))
    const clash = folders.find((folder) => files.has(folder))
    if (clash !== undefined) throw new Problem(400, `The package holds ${clash} as a file and as a folder.`)
  }
}

/** Refuses entries that share data: they make a bomb that no ratio of single entries shows. */
const checkOverlaps = (entries: readonly ZipEntry[]): void => {
  let end = 0
  const headerOf = ({ listed }: ZipEntry): number => listed.relativeOffsetOfLocalHeader
  for (const entry of entries.toSorted((a, b) => headerOf(a) - headerOf(b))) {
    if (headerOf(entry) < end) throw new Problem(400, `The package is damaged: ${entry.path} overlaps another file.`)
    end = entry.dataAt + entry.listed.compressedSize
  }
}

/** Looks for dangers before anything is unpacked. @param maxBytes the limit for all unpacked files. @throws {Problem} 400 */
const checkEntries = (entries: readonly ZipEntry[], maxBytes: number): void => {
  checkSizes(entries, maxBytes)
  checkPaths(entries)
  checkOverlaps(entries.filter(({ isDirectory }) => !isDirectory))
}

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
  { maxBytes, room }: { readonly maxBytes: number; readonly room: Reservation },
): Promise<CourseContents & Pick<Course, 'bytes' | 'files'>> => {
  await using archive = await open(packagePath, 'r')
  const entries = await readZip(archive, maxEntries)
  checkEntries(entries, maxBytes)
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

/** Reads the part of `imsmanifest.xml` that launches the package, without rules of sequencing. @throws {Problem} 400 */
const readManifest = async (bytes: Uint8Array, files: ReadonlySet<string>): Promise<CourseContents> => {
  const manifest = await parseXml(bytes)
  if (manifest.name !== 'manifest') throw new Problem(400, 'imsmanifest.xml is no manifest: its root has another name.')
  const version = scormVersionOf(manifest)
  const organizations = childNamed(manifest, 'organizations')
  const all = childrenNamed(organizations, 'organization')
  const byDefault = organizations?.attributes.get('default')
  const organization = all.find(({ attributes }) => attributes.get('identifier') === byDefault) ?? all[0]
  const items = launchItemsOf(manifest, organization, files)
  return { title: lineOf(childNamed(organization, 'title')) ?? items[0]?.title ?? 'Course', version, items }
}

/** The values of `schemaversion`: 2004's second edition says "CAM 1.3". */
const versionIn = (schemaVersion: string): ScormVersion | undefined => {
  if (/^1\.2\b/.test(schemaVersion)) return '1.2'
  return /^(2004|CAM 1\.3|1\.3)/i.test(schemaVersion) ? '2004' : undefined
}

/** ADL's namespaces, for manifests that leave the version out. */
const versionOfNamespace = (manifest: XmlElement): ScormVersion | undefined => {
  const values = [...manifest.attributes.values()].join(' ')
  if (values.includes('adlcp_rootv1p2')) return '1.2'
  return values.includes('adlcp_v1p3') ? '2004' : undefined
}

/** @throws {Problem} 400 where the manifest is of neither. */
const scormVersionOf = (manifest: XmlElement): ScormVersion => {
  const said = childNamed(childNamed(manifest, 'metadata'), 'schemaversion')?.text.trim() ?? ''
  const version = said === '' ? versionOfNamespace(manifest) : versionIn(said)
  if (version !== undefined) return version
  const found = said === '' ? 'names no version' : `names the version ${JSON.stringify(said.slice(0, 40))}`
  throw new Problem(400, `imsmanifest.xml ${found}. SCORM 1.2 and SCORM 2004 can be played.`)
}
