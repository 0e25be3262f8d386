import { createHash, scryptSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { createManifestTally, type ManifestHead, manifestHeadSchema } from '../../adapters/archiver/manifest.ts'
import { entryLine } from '../../adapters/archiver/manifest-entry.ts'
import { readManifest } from '../../adapters/archiver/read-archive.ts'
import { isErrorOfKind } from '../../core/errors.ts'
import { environmentNameProblem } from '../../core/hostname/derived-name.ts'
import { slugProblem } from '../../core/hostname/slug.ts'
import { environmentValues, imageName } from './compose.ts'
import { Failure } from './failure.ts'
import { type ReadFile, readSiteFile } from './read-file.ts'
import { isSavedImage } from './saved-image.ts'

/** The files of an export that an import reads. */
export const bundleFiles = {
  archive: 'archive.tar.zst',
  manifest: 'archive.manifest.jsonl',
  description: 'bundle.json',
  file: 'sitewright.yaml',
  values: '.env',
} as const

const format = 'sitewright-software'
const formatVersion = 2
const maxDescriptionBytes = 2 ** 20

/** That of a site, or of an environment of it. The server says whether it is reserved. */
const isSlug = (slug: string): boolean => {
  const [site = '', ...names] = slug.split('--')
  const problem = slugProblem(site)
  return (problem ?? 'reserved') === 'reserved' && names.every((name) => !environmentNameProblem(name, site))
}

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const names = z.array(z.string())
const texts = z.record(z.string(), z.string())
const described = z.strictObject({
  slug: z.string().refine(isSlug),
  version: z.int(),
  commit: z.string().nullable(),
  images: texts,
  variables: texts,
  given: names,
  generated: names,
  dataSecrets: names,
  copy: z.string(),
  sha256: z.record(z.string(), digest),
  /** Null if whoever exported it got none of the secrets of the data. */
  secretsDigest: digest.nullable(),
})
type Described = z.infer<typeof described>

export interface Bundle extends Described {
  /** Of all that is imported. */
  readonly digest: string
  readonly read: ReadFile
  /** What the import sets: the secrets of the data, and those of `given`. */
  readonly secrets: Readonly<Record<string, string>>
  /** The files of images, by container. */
  readonly saved: Readonly<Record<string, string>>
  readonly archive: { readonly path: string; readonly bytes: number }
  readonly manifest: { readonly bytes: number; readonly of: (head: Renamed) => AsyncIterable<Uint8Array> }
}

/** The names that an archive has in the installation that it goes to. */
type Renamed = Pick<ManifestHead, 'site' | 'archiveId'>

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece)
  return hash.digest('hex')
}

/** Tells whether secrets of the data were changed. Slow, because people may have chosen short ones. */
export const secretsDigest = (of: readonly string[], values: Readonly<Record<string, string>>, salt: string): string =>
  scryptSync(JSON.stringify(of.map((name) => [name, values[name] ?? ''])), salt, 32).toString('hex')

/** The text of `bundle.json`, which ends with a digest of the rest of it. */
export const describeBundle = (content: Described): string => {
  const all = { format, formatVersion, ...content }
  return `${JSON.stringify({ ...all, digest: sha256(JSON.stringify(all)) }, null, 2)}\n`
}

const refuse = (message: string): never => {
  throw new Failure('mistake', `${message} Nothing was imported.`)
}

/** @returns its size. @throws {Failure} for a link, a device or anything else that is not a plain file. */
const requireFile = async (directory: string, name: string): Promise<number> => {
  const found = await lstat(join(directory, name)).catch(() => undefined)
  if (found === undefined) return refuse(`${directory} has no ${name}, so it is not a whole export.`)
  return found.isFile() ? found.size : refuse(`${name} is not a plain file.`)
}

const readDescription = async (directory: string): Promise<{ text: string; content: Described }> => {
  const { description } = bundleFiles
  if ((await requireFile(directory, description)) > maxDescriptionBytes) refuse(`${description} is too large.`)
  const text = await readFile(join(directory, description), 'utf8')
  const changed = `${description} was changed, or is not whole.`
  const parsed = ((): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      return refuse(changed)
    }
  })()
  const head = z.looseObject({ format: z.literal(format), formatVersion: z.int() }).safeParse(parsed)
  if (!head.success) return refuse(`${description} is not of an export.`)
  const { format: _format, formatVersion: found, digest: _digest, ...rest } = head.data
  if (found > formatVersion) {
    refuse(`The export has the format ${found}, and this command reads ${formatVersion}. Update it first.`)
  }
  if (found < formatVersion) refuse(`The export has the former format ${found}. Export the site again.`)
  const content = described.safeParse(rest)
  // Otherwise spaces could change unnoticed.
  if (!content.success || describeBundle(content.data) !== text) return refuse(changed)
  return { text, content: content.data }
}

const secretsFor = async (directory: string, { dataSecrets, given, sha256: digests, ...content }: Described) => {
  await requireFile(directory, bundleFiles.values)
  const file = join(directory, bundleFiles.values)
  const values = environmentValues(await readFile(file, 'utf8'))
  const wanted = [...new Set([...dataSecrets, ...given])]
  const missing = wanted.filter((name) => !values[name])
  if (missing.length > 0) refuse(`Set ${missing.join(', ')} in ${file}: the export does not have them.`)
  const { secretsDigest: expected } = content
  if (expected && secretsDigest(dataSecrets, values, digests[bundleFiles.archive] ?? '') !== expected) {
    refuse(`A value of ${dataSecrets.join(', ')} in ${file} is not that of the export, so the data could not be read.`)
  }
  return Object.fromEntries(wanted.map((name) => [name, values[name] ?? '']))
}

const headOf = async (path: string): Promise<ManifestHead> => {
  let text = ''
  for await (const piece of createReadStream(path, { encoding: 'utf8', end: 4095 })) text += String(piece)
  return manifestHeadSchema.parse(JSON.parse(text.split('\n', 1)[0] ?? ''))
}

/** Reads a manifest, and refuses what leads out of the data directory. */
const openManifest = async (path: string, { site: siteId, archiveId }: Renamed) =>
  readManifest({
    archives: { open: async () => createReadStream(path) },
    ...{ siteId, archiveId, maxBytes: Number.MAX_SAFE_INTEGER },
  })

const requireManifest = async (path: string, content: { storedBytes: number; contentSha256: string }) => {
  const head = await headOf(path).catch(() => refuse('The manifest of the data was changed, or is not whole.'))
  try {
    const { entries, requireEnd } = await openManifest(path, head)
    for await (const _ of entries);
    requireEnd(content)
  } catch (error) {
    if (!isErrorOfKind(error, 'ArchiveDamaged')) throw error
    refuse(typeof error.cause === 'string' ? `${error.message} It is ${error.cause}.` : error.message)
  }
  return head
}

/** A manifest with other names: its last line has a digest of all others. */
const renamed = async function* (
  path: string,
  head: ManifestHead,
  names: Renamed,
  end: Parameters<typeof requireManifest>[1],
) {
  const tally = createManifestTally()
  const first = JSON.stringify({ ...head, ...names })
  tally.addLine(first)
  yield Buffer.from(`${first}\n`)
  const { entries } = await openManifest(path, head)
  for await (const { entry } of entries) {
    const line = entryLine(entry)
    tally.addLine(line, entry)
    yield Buffer.from(`${line}\n`)
  }
  yield Buffer.from(`${JSON.stringify(tally.end(end))}\n`)
}

/**
 * Reads and checks all of an export that an import uses, and changes nothing. `compose.yaml`, `data` and `files` are for others.
 * @throws {Failure} wherever it is not as it was written.
 */
export const readBundle = async (directory: string): Promise<Bundle> => {
  const { text, content } = await readDescription(directory)
  const { archive, manifest, file } = bundleFiles
  const bytes: Record<string, number> = {}
  for (const name of new Set([archive, manifest, file, ...Object.keys(content.sha256)])) {
    if (![archive, manifest, file].some((one) => one === name) && !/^images\/[a-z0-9-]+\.tar$/.test(name)) {
      refuse(`'${name}' is not a file of an export.`)
    }
    bytes[name] = await requireFile(directory, name)
    if ((await digestOf(join(directory, name))) !== content.sha256[name])
      refuse(`${name} was changed, or is not whole.`)
  }
  const end = { storedBytes: bytes[archive] ?? 0, contentSha256: content.sha256[archive] ?? '' }
  const path = join(directory, manifest)
  const head = await requireManifest(path, end)
  const secrets = await secretsFor(directory, content)
  const saved = Object.keys(bytes).flatMap((name) => {
    const [, container] = /^images\/(.+)\.tar$/.exec(name) ?? []
    return container === undefined ? [] : [[container, join(directory, name)] as const]
  })
  for (const [container, path] of saved) {
    const name = imageName(content.slug, container, content.version)
    if (!(await isSavedImage(path, name)))
      refuse(`images/${container}.tar is not what an engine saves of ${name} alone.`)
  }
  return {
    ...{ ...content, secrets, digest: sha256(text), saved: Object.fromEntries(saved) },
    read: await readSiteFile(join(directory, file)),
    archive: { path: join(directory, archive), bytes: end.storedBytes },
    manifest: { bytes: bytes[manifest] ?? 0, of: (names) => renamed(path, head, names, end) },
  }
}
