import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type * as z from 'zod'
import { verifyArchive } from '../../adapters/archiver/read-archive.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import { type BundledSite, bundledSecretsSchema } from '../../lambdas/bundles/bundled-site.ts'
import { exportSchema } from '../../lambdas/bundles/operations.ts'
import { generatedVersion } from '../../lambdas/configuration/configuration.ts'
import type { CallOperation } from '../command-line/operators-call.ts'
import { temporaryPaths } from '../command-line/run-to-end.ts'
import { bundleFiles, digesting, type FileDigest, makeBundleKey, sealBundle } from './bundle-file.ts'
import type { Installation } from './installation.ts'

type Exported = z.output<typeof exportSchema>

export interface Exporting {
  readonly call: CallOperation
  readonly installation: Installation
  readonly siteId: string
  readonly to: string
  readonly reason: string
  readonly pause: () => Promise<void>
  readonly print: (line: string) => void
}

/** Waits until there is a copy of what the site has now. */
const describeSite = async ({ call, siteId, reason, pause, print }: Exporting) => {
  for (let look = 0; ; look += 1) {
    const { site, ...found } = await call(`sites/${siteId}/export`, exportSchema, { reason })
    if (site !== null) return { site, ...found }
    if (look === 0) print('The site is being copied first.')
    await pause()
  }
}

const openSecrets = async (
  { installation: { secrets, secretOpener } }: Exporting,
  { siteId }: BundledSite,
  { secrets: names, sealed }: Pick<Exported, 'secrets' | 'sealed'>,
) => {
  const opened = (name: string, version: number, text: string) => secretOpener.open({ siteId, version, name }, text)
  const generated = names.map(async (name) => {
    const kept = sealed.generated[name]
    const value = kept === undefined ? secrets.valueOf(siteId, name) : opened(name, generatedVersion, kept)
    return [name, await value] as const
  })
  const set = Object.entries(sealed.set).map(
    async ([name, { sealed: text, version }]) => [name, await opened(name, version, text)] as const,
  )
  return bundledSecretsSchema.parse({
    generated: Object.fromEntries(await Promise.all(generated)),
    set: Object.fromEntries(await Promise.all(set)),
  })
}

const flush = async (path: string): Promise<void> => {
  await using file = await open(path)
  await file.sync()
}

const copyPart = async ({ installation: { archives } }: Exporting, key: string, path: string): Promise<FileDigest> => {
  const stored = await archives.open(key)
  if (stored === undefined) throw new Error(`The archive is gone: ${key}.`)
  const { content, result } = digesting(stored)
  await pipeline(content, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  await flush(path)
  return result()
}

/**
 * Writes the bundle of a site into a new directory: whole, or not at all.
 * @returns the key that opens it. It is stored nowhere.
 */
export const exportBundle = async (exporting: Exporting): Promise<string> => {
  const { installation, to } = exporting
  const directory = resolve(to)
  const unfinished = `${directory}.unfinished`
  // Fails if there is something: a bundle is never mixed with another.
  await mkdir(directory, { mode: 0o700 })
  await using made = temporaryPaths(directory)
  const { site, ...found } = await describeSite(exporting)
  const { siteId, archive } = site
  await verifyArchive({ archives: installation.archives, siteId, archiveId: archive.id })
  const secrets = await openSecrets(exporting, site, found)
  await mkdir(unfinished, { mode: 0o700 })
  made.add(unfinished)
  const keys = archiveKeys(siteId, archive.id)
  const files = {
    archive: await copyPart(exporting, keys.content, join(unfinished, bundleFiles.archive)),
    manifest: await copyPart(exporting, keys.manifest, join(unfinished, bundleFiles.manifest)),
  }
  const key = makeBundleKey()
  const description = join(unfinished, bundleFiles.description)
  await writeFile(description, sealBundle({ site, secrets, files }, key), { flag: 'wx', mode: 0o600 })
  await flush(description)
  await rename(unfinished, directory)
  made.keep()
  return key
}
