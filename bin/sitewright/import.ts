import { createReadStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import * as z from 'zod'
import { isId } from '../../core/ids.ts'
import { withRetries } from './api.ts'
import { type Bundle, bundleFiles, readBundle } from './bundle.ts'
import type { CommandContext } from './command-context.ts'
import { imageName } from './compose.ts'
import { type Deploy, finish, makeSite, send, softwareFor } from './deploy.ts'
import { exportDirectory, exportedText, exportSite } from './export.ts'
import { Failure } from './failure.ts'
import { pushImages, pushSaved } from './push.ts'
import { type ReadFile, readSiteFile } from './read-file.ts'
import { signedIn } from './session.ts'
import { type Deployment, deploymentsOf, findSite, type Site } from './site.ts'

const uploadSchema = z.object({ url: z.string(), headers: z.record(z.string(), z.string()) })
const openedSchema = z.object({ archiveId: z.string(), content: uploadSchema, manifest: uploadSchema })

interface Importing extends Pick<Deploy, 'api' | 'environment' | 'note'> {
  readonly directory: string
  /** The name of the new site; that of the export by default. */
  readonly slug: string | undefined
  /** The file of the application: what the export has no image of is taken from beside it. */
  readonly source: string
}

const put = async (
  { url, headers }: z.infer<typeof uploadSchema>,
  content: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<void> => {
  const { ok, status } = await fetch(url, {
    ...{ method: 'PUT', redirect: 'error', duplex: 'half' as const },
    headers: { ...headers, 'content-length': String(bytes) },
    body: Readable.from(content, { objectMode: false }),
  }).catch(() => ({ ok: false, status: 0 }))
  const why = status === 507 ? 'the disk of the server has too little free space. Ask its operators' : status
  if (!ok) throw new Failure('again', `The data cannot be uploaded: ${why || 'no answer'}. Import again.`)
}

/** Uploads the data. @returns the archive that it is in the installation. */
const upload = async ({ api, note }: Importing, { id: site }: Site, { archive, manifest }: Bundle): Promise<string> => {
  note('Uploading the data')
  const body = { content: archive.bytes, manifest: manifest.bytes }
  const { archiveId, ...links } = await withRetries(
    api,
    { method: 'POST', path: `/v1/sites/${site}/import`, body },
    openedSchema,
  )
  if (!isId('site', site) || !isId('arc', archiveId))
    throw new Failure('again', 'The server does not answer like Sitewright.')
  await put(links.manifest, manifest.of({ site, archiveId }), manifest.bytes)
  await put(links.content, createReadStream(archive.path), archive.bytes)
  return archiveId
}

const isOpen = ({ status }: Deployment): boolean => status === 'proving' || status === 'deploying'

/** The import of the same export before, or none. @throws {Failure} for a site with other software. */
const importedBefore = async ({ api }: Importing, site: Site, { digest }: Bundle): Promise<Deployment | undefined> => {
  const used = (await deploymentsOf(api, site)).filter(
    (one) => isOpen(one) || ['live', 'replaced'].includes(one.status),
  )
  const before = used.find(({ imported }) => imported === digest)
  if (before !== undefined || used.length === 0) return before
  const message = `You have a site '${site.slug}' with other software already. Nothing was imported.`
  throw new Failure('refused', `${message} Name another with --site NAME.`)
}

/** What a file says of the software of containers, and of who may see it. */
const softwareOf = ({ file: { containers, access } }: ReadFile, of: ReadFile['file']['containers']) =>
  [containers.filter(({ name }) => of.some((one) => one.name === name)), access] as const

/** Whether the file here, and not the one in the export, has the same software for these containers. */
const isOwn = async ({ source, directory }: Importing, read: ReadFile, of: ReadFile['file']['containers']) => {
  const own = await readSiteFile(source).catch(() => undefined)
  if (own === undefined || !isDeepStrictEqual(softwareOf(own, of), softwareOf(read, of))) return false
  const [base, exported] = await Promise.all([dirname(source), directory].map(async (path) => realpath(path)))
  return !`${base}${sep}`.startsWith(`${exported}${sep}`)
}

/**
 * A stranger's file may name any Dockerfile and any directory here. So without an image, an import takes only what a deployment here would take.
 * @returns what has no image.
 * @throws {Failure}
 */
const requireOwn = async (importing: Importing, bundle: Bundle) => {
  const { read, saved } = bundle
  const containers = read.file.containers.filter(({ name }) => saved[name] === undefined)
  const [first] = containers
  if (first === undefined || (await isOwn(importing, read, containers))) return containers
  const where = `in the directory of its application, with its containers in ${basename(importing.source)} as they were exported`
  throw new Failure('mistake', `The export has no image of '${first.name}'. Import it ${where}. Nothing was imported.`)
}

/**
 * Makes a site of an export. All of it is read and checked before anything is changed. Repeating it goes on with what an import that was
 * interrupted did, and changes nothing once that has ended.
 * @throws {Failure}
 */
export const importSite = async (importing: Importing) => {
  const { api, environment, note, source } = importing
  note(`Checking ${importing.directory}`)
  const bundle = await readBundle(importing.directory)
  const containers = await requireOwn(importing, bundle)
  const { slug = bundle.slug } = importing
  const read = { ...bundle.read, name: join(dirname(source), bundleFiles.file) }
  const deploy: Deploy = { ...{ api, read, slug, environment, note }, to: {} }
  const found = await findSite(api, slug)
  const before = found && (await importedBefore(importing, found, bundle))
  if (found !== undefined && before !== undefined) {
    return { ...(await finish({ api, note }, found, before)), outcome: isOpen(before) ? 'imported' : 'unchanged' }
  }
  const site = found ?? (await makeSite(deploy))
  const { saved, version, commit, variables, secrets, digest } = bundle
  const name = (container: string) => imageName(bundle.slug, container, version)
  const others = { ...read, file: { ...read.file, containers } }
  const software = await softwareFor(deploy, site, site, async (ask) => ({
    ...(await pushImages(others, ask, note)),
    ...(await pushSaved(saved, ask, { name, note })),
  }))
  const archiveId = await upload(importing, site, bundle)
  const content = { file: read.content, ...software, ...(commit && { commit }) }
  const done = await send({ api, note }, site, '', { ...content, import: { archiveId, digest, variables, secrets } })
  return { ...done, outcome: 'imported' }
}

const importedText = ({ site, url, outcome }: Awaited<ReturnType<typeof importSite>>): string =>
  outcome === 'unchanged' ? `This export is '${site}' already. Nothing was changed.` : `'${site}' runs: ${url}`

export const addMovingCommands = (program: Command, { terminal, shared, show, note, find }: CommandContext): void => {
  const { environment } = terminal
  program
    .command('export [directory]')
    .description(
      'write software and data of the site into a new directory, with a compose.yaml that runs them without Sitewright',
    )
    .option('--env <environment>', 'of this environment; of production by default')
    .option('--fresh', 'copy the data first: the site pauses meanwhile', false)
    .action(async (directory: string | undefined, { fresh, env }: { fresh: boolean; env?: string }) => {
      const { api, site } = await find(env)
      const { file } = shared()
      const to = directory ?? exportDirectory(file, site.slug)
      const done = await exportSite({ api, site, source: dirname(resolve(file)), to, fresh, note })
      show(done, exportedText(done))
    })
  program
    .command('import <directory>')
    .description(
      'make a site of what `export` wrote, with its software, data and secrets; repeating it changes nothing',
    )
    .action(async (directory: string) => {
      const { site: slug, file } = shared()
      const api = await signedIn(terminal)
      const done = await importSite({ api, directory, slug, source: resolve(file), environment, note })
      show(done, importedText(done))
    })
}
