import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { lchown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'yaml'
import * as z from 'zod'
import { diskEntries } from '../../adapters/files/held-tree.ts'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { exportedSchema } from '../../lambdas/deployments/exported-site.ts'
import { temporaryPaths } from '../command-line/run-to-end.ts'
import { type Api, networkReason, pauseBefore, withRetries } from './api.ts'
import { bundleFiles, describeBundle, digestOf, secretsDigest } from './bundle.ts'
import { composeFile, dataUser, environmentFile, filesOf, imageName } from './compose.ts'
import { run } from './engine.ts'
import { Failure } from './failure.ts'
import { pullImages } from './push.ts'
import { type Site, siteSchema } from './site.ts'

/** A newer server may say more. */
const answerSchema = z.object({ ...exportedSchema.shape, blueprint: blueprintSchema })
type Exported = z.infer<typeof answerSchema>

const archivesSchema = z.object({
  archives: z.array(
    z.object({
      ...{ id: z.string(), at: z.string(), kind: z.string(), bytes: z.int() },
      blueprint: z.object({ name: z.string(), version: z.int() }),
    }),
  ),
})
const linkSchema = z.object({ url: z.string(), manifestUrl: z.string() })
const secretsSchema = z.object({ secrets: z.record(z.string(), z.string()) })

interface Exporting {
  readonly api: Api
  readonly site: Site
  /** The directory of the file of the application. */
  readonly source: string
  readonly to: string
  /** Takes a copy of the data first. */
  readonly fresh: boolean
  readonly note: (line: string) => void
}

/** The verified copies of the data, newest first. */
const copiesOf = async ({ api, site: { id } }: Exporting) =>
  (await withRetries(api, { path: `/v1/sites/${id}/archives` }, archivesSchema)).archives

/**
 * The newest copy, if it has what the version works with: not the data of the software before it, of another version, or that a restore replaced.
 * Of a site that cannot be copied now, it is the newest copy of its own software.
 */
const usableCopy = async (exporting: Exporting, { blueprint: { name, version } }: Exported) => {
  const copies = await copiesOf(exporting)
  if (!['active', 'asleep'].includes(exporting.site.status)) return copies.find((one) => one.blueprint.name === name)
  const [newest] = copies
  const isOwn = newest?.blueprint.name === name && newest.blueprint.version === version && newest.kind !== 'restore'
  return isOwn ? newest : undefined
}

/** Says whose data it is, and how old. */
const copyText = ({ at, blueprint: { version } }: z.infer<typeof archivesSchema>['archives'][number]): string => {
  const hours = Math.floor((Date.now() - Date.parse(at)) / 3_600_000)
  const age = hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
  return `the copy of ${at}, of version ${version}${hours < 1 ? '' : `. It is ${age} old; --fresh takes a new one`}`
}

/** Takes a copy, and waits until it is verified. */
const takeCopy = async (exporting: Exporting) => {
  const { api, site, note } = exporting
  note('Copying the data. The site pauses meanwhile, and visitors wait.')
  const [before] = await copiesOf(exporting)
  await api({ method: 'POST', path: `/v1/sites/${site.id}/archives` }, z.unknown())
  for (let check = 0; ; check += 1) {
    await pauseBefore(check)
    const { operation } = await withRetries(api, { path: `/v1/sites/${site.id}` }, siteSchema)
    if (operation !== null) continue
    const [copy] = await copiesOf(exporting)
    if (copy !== undefined && copy.id !== before?.id) return copy
    throw new Failure('again', 'The data could not be copied. Nothing was exported: try again.')
  }
}

/** Downloads a copy and its manifest. @throws {Failure} if it is not whole. */
const download = async ({ api, site }: Exporting, copy: { id: string; bytes: number }, to: string): Promise<void> => {
  const { url, manifestUrl } = await api({ path: `/v1/sites/${site.id}/archives/${copy.id}/download` }, linkSchema)
  await downloadFile(manifestUrl, join(to, bundleFiles.manifest))
  const bytes = await downloadFile(url, join(to, bundleFiles.archive))
  if (bytes === copy.bytes) return
  throw new Failure('again', `The copy has ${bytes} bytes instead of ${copy.bytes}. Try again.`)
}

/** @returns the bytes. @throws {Failure} also where the connection breaks off. */
const downloadFile = async (url: string, file: string): Promise<number> => {
  const refuse = (why: unknown): never => {
    throw new Failure('again', `The copy cannot be downloaded: ${why}. Try again.`)
  }
  const { ok, status, body } = await fetch(url, { redirect: 'error' }).catch((error) => refuse(networkReason(error)))
  if (!ok || body === null) return refuse(status)
  let bytes = 0
  const counted = async function* () {
    try {
      for await (const piece of body) {
        bytes += piece.length
        yield piece
      }
    } catch (error) {
      refuse(networkReason(error))
    }
  }
  await pipeline(counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
  return bytes
}

/** Unpacks the data for those that run as its user, if this user may give it to them. @returns whether it is theirs. */
const unpack = async (archive: string, to: string, user: { uid: number; gid: number }): Promise<boolean> => {
  await mkdir(to, { mode: 0o700 })
  const said: string[] = []
  const note = (line: string) => void said.push(line.trim())
  const words = ['--extract', '--file', archive, '--directory', to, '--no-same-owner']
  if ((await run('tar', words, { note, environment: { LC_MESSAGES: 'C' } })) === undefined) {
    // Its last line only says that it failed.
    const [reason = ''] = said
    const isMissing = reason === '' || reason.includes('Cannot exec')
    throw new Failure('failed', `The data cannot be unpacked: ${isMissing ? 'install `tar` and `zstd`.' : reason}`)
  }
  if (process.getuid?.() === user.uid) return true
  if (process.getuid?.() !== 0) return false
  await lchown(to, user.uid, user.gid)
  // It follows no link: root would give away what is behind it.
  for await (const { place } of diskEntries(to)) await lchown(place, user.uid, user.gid)
  return true
}

const dataSecrets = async ({ api, site }: Exporting, { dataSecrets: names }: Exported) => {
  if (names.length === 0) return {}
  return (await api({ method: 'POST', path: `/v1/sites/${site.id}/export/secrets` }, secretsSchema)).secrets
}

/** Values for the secrets: those of the data, new ones for others that Sitewright made, and none for those that people set. */
const valuesOf = ({ generated, given, dataSecrets: names }: Exported, known: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    [...generated, ...given].map((name) => [
      name,
      known[name] ?? (generated.includes(name) && !names.includes(name) ? randomBytes(32).toString('base64url') : ''),
    ]),
  )

const saveImages = async (
  { site, note, source }: Exporting,
  { images, pull, blueprint, version, file }: Exported,
  to: string,
) => {
  await mkdir(join(to, 'images'))
  if (pull !== null) {
    const name = (container: string) => imageName(site.slug, container, version)
    // The names are checked in the blueprint, and become those of files.
    const named = blueprint.containers.flatMap((container) => {
      const digest = images[container.name]
      return digest === undefined ? [] : [[container.name, digest] as const]
    })
    await pullImages(named, pull, { note, name, to: join(to, 'images') })
    return {}
  }
  // Plain processes have no image; the file says how one is built.
  const parsed = z.object({ containers: z.array(z.looseObject({ name: z.string() })) }).safeParse(file)
  const builds = (parsed.data?.containers ?? []).flatMap(({ name, build }) => {
    const found = z.object({ context: z.string(), dockerfile: z.string().optional() }).safeParse(build)
    return found.success ? [[name, { ...found.data, context: resolve(source, found.data.context) }] as const] : []
  })
  const named = new Map(builds)
  const without = blueprint.containers.find(({ name }) => !named.has(name))
  if (without === undefined) return Object.fromEntries(named)
  throw new Failure(
    'mistake',
    `'${without.name}' runs as a plain process: give it a \`build\`, deploy, and export again.`,
  )
}

/**
 * Writes a site of own software into a new directory, whole or not at all, with which it runs without Sitewright.
 * @returns the secrets that somebody has to fill in.
 */
export const exportSite = async (exporting: Exporting) => {
  const { api, site, to, fresh, note } = exporting
  const directory = resolve(to)
  const unfinished = `${directory}.unfinished`
  await mkdir(dirname(directory), { recursive: true })
  // Fails if there is something: an export is never mixed with another.
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'is there already' : `cannot be made (${error.message})`
    throw new Failure('mistake', `${to} ${why}: name another directory.`)
  })
  await using made = temporaryPaths(unfinished, directory)
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  const found = await api({ method: 'POST', path: `/v1/sites/${site.id}/export` }, answerSchema)
  // Its right to pull ends within the hour, and what follows may take longer.
  const builds = await saveImages(exporting, found, unfinished)
  const copy = (fresh ? undefined : await usableCopy(exporting, found)) ?? (await takeCopy(exporting))
  note(`Downloading ${copyText(copy)}`)
  await download(exporting, copy, unfinished)
  const user = dataUser(found.blueprint)
  const isOwned = await unpack(join(unfinished, bundleFiles.archive), join(unfinished, 'data'), user)
  const values = valuesOf(found, await dataSecrets(exporting, found))
  const exported = { ...found, builds, values }
  const texts = {
    'compose.yaml': composeFile(exported, isOwned),
    '.env': environmentFile(values, user),
    [bundleFiles.file]: stringify(found.file),
    ...filesOf(exported),
  }
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(unfinished, name)), { recursive: true })
    await writeFile(join(unfinished, name), text, { flag: 'wx', mode: name === '.env' ? 0o600 : 0o644 })
  }
  await writeFile(join(unfinished, bundleFiles.description), await describe(unfinished, found, { copy, values }))
  await rename(unfinished, directory)
  made.keep()
  const missing = Object.entries(values).flatMap(([name, value]) => (value === '' ? [name] : []))
  return { site: site.slug, version: found.version, directory: to, copy: copy.at, missing }
}

/** Beside the application: what is in it gets into its images and its repository, and an export has data and secrets. */
export const exportDirectory = (file: string, slug: string): string =>
  join(existsSync(file) ? join(dirname(file), '..') : '.', `${slug}-export`)

const describe = async (
  directory: string,
  { slug, version, commit, variables, given, generated, dataSecrets: names, images }: Exported,
  { copy, values }: { readonly copy: { readonly at: string }; readonly values: Readonly<Record<string, string>> },
): Promise<string> => {
  const { archive, manifest, file } = bundleFiles
  const saved = (await readdir(join(directory, 'images'))).map((name) => `images/${name}`)
  const files = await Promise.all(
    [archive, manifest, file, ...saved].map(async (name) => [name, await digestOf(join(directory, name))] as const),
  )
  const sha256 = Object.fromEntries(files)
  return describeBundle({
    ...{ slug, version, commit, images, variables, given, generated, dataSecrets: names, copy: copy.at, sha256 },
    secretsDigest: names.every((name) => values[name]) ? secretsDigest(names, values, sha256[archive] ?? '') : null,
  })
}

export const exportedText = ({ version, directory, missing }: Awaited<ReturnType<typeof exportSite>>): string =>
  [
    `Version ${version} and its data are in ${directory}. It has secrets: keep it like a backup.`,
    ...(missing.length === 0 ? [] : [`Nobody can export ${missing.join(', ')}: set them in ${directory}/.env`]),
    `How to run it is in ${directory}/compose.yaml`,
  ].join('\n')
