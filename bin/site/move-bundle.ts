import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { verifyArchive } from '../../adapters/archiver/read-archive.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import { type BundledSite, bundledSecretsSchema } from '../../lambdas/bundles/bundled-site.ts'
import { exportSchema, importSchema } from '../../lambdas/bundles/operations.ts'
import { generatedVersion } from '../../lambdas/configuration/configuration.ts'
import { type CallOperation, Refused } from '../command-line/operators-call.ts'
import { temporaryPaths } from '../command-line/run-to-end.ts'
import {
  type Bundle,
  bundleFiles,
  digesting,
  type FileDigest,
  makeBundleKey,
  readBundle,
  readBundled,
  sealBundle,
} from './bundle-file.ts'
import type { Installation } from './installation.ts'

interface Moving {
  readonly call: CallOperation
  readonly reason: string
  readonly pause: () => Promise<void>
  readonly print: (line: string) => void
}

interface Exporting extends Moving {
  readonly installation: Installation
  readonly siteId: string
  readonly to: string
}

/** Waits until there is a copy of what the site has now. */
const describeSite = async ({ call, siteId, reason, pause, print }: Exporting) => {
  for (let check = 0; ; check += 1) {
    const { site, ...found } = await call(`sites/${siteId}/export`, exportSchema, { reason })
    if (site !== null) return { site, ...found }
    if (check === 0) print('The site is being copied first.')
    await pause()
  }
}

const openSecrets = async (
  { installation: { secrets, secretOpener } }: Exporting,
  { siteId }: BundledSite,
  { secrets: names, sealed }: Pick<z.output<typeof exportSchema>, 'secrets' | 'sealed'>,
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
  const directory = resolve(exporting.to)
  const unfinished = `${directory}.unfinished`
  // Fails if there is something: a bundle is never mixed with another.
  await mkdir(directory, { mode: 0o700 })
  await using made = temporaryPaths(directory)
  const { site, ...found } = await describeSite(exporting)
  const { siteId, archive } = site
  await verifyArchive({ archives: exporting.installation.archives, siteId, archiveId: archive.id })
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

interface Importing extends Moving {
  readonly installation: Pick<Installation, 'archives'>
  readonly directory: string
  readonly key: string
  readonly rehearsal: boolean
}

const begin = ({ call, rehearsal, reason }: Importing, { site, secrets }: Bundle, dryRun: boolean) =>
  call(`sites/${site.siteId}/import`, importSchema, { site, secrets, rehearsal, reason, dryRun })

/** Stores both parts, the manifest last: without a manifest there is no archive. @returns what takes them back. */
const storeArchive = async ({ installation: { archives }, directory }: Importing, { site, files }: Bundle) => {
  const { content, manifest } = archiveKeys(site.siteId, site.archive.id)
  const known = new Set<string>()
  for await (const { key } of archives.list(content.slice(0, content.indexOf('.')))) known.add(key)
  const takeBack = async (): Promise<void> => {
    // An archive that was here before belongs to the record.
    for (const key of [manifest, content].filter((one) => !known.has(one))) await archives.remove(key)
  }
  try {
    if (!known.has(content)) await archives.put(content, readBundled(directory, 'archive', files.archive))
    if (!known.has(manifest)) await archives.put(manifest, readBundled(directory, 'manifest', files.manifest))
  } catch (error) {
    await takeBack()
    throw error
  }
  return takeBack
}

const foundSchema = z.object({ status: z.string(), operation: z.string().nullable() })

const needsArchive = ({ status, operation }: z.output<typeof foundSchema>): boolean =>
  status === 'building' || (status === 'archived' && operation === 'restore')

const runs = ({ status }: z.output<typeof foundSchema>): boolean => status === 'active' || status === 'asleep'

/** @returns whether the site runs, as after an earlier import. Another one takes no bundle before it has left. */
const report = ({ print }: Importing, siteId: string, found: z.output<typeof foundSchema>): boolean => {
  print(`${siteId} is here already, and ${found.status}. Nothing was changed.`)
  if (runs(found)) return true
  print(`To run it with the data that it has here: POST /v1/operator/sites/${siteId}/resume`)
  print(`To run it with the data of the bundle, resume it, then let it leave: site -- leave ${siteId} --hostname …`)
  print('with the hostname that it has where the bundle is from. Repeat the import when it is archived.')
  return false
}

/** Waits until the site runs. @returns whether it does. */
const follow = async (
  { call, rehearsal, pause, print }: Importing,
  { siteId, url }: z.output<typeof importSchema>,
): Promise<boolean> => {
  print(`${siteId} is being built from the archive.`)
  for (;;) {
    const found = await call(`sites/${siteId}`, foundSchema)
    if (runs(found)) break
    if (!needsArchive(found)) {
      print(`It is ${found.status}. Support sees why: GET /v1/operator/sites/${siteId}/failures`)
      return false
    }
    await pause()
  }
  print(`It runs: ${url}`)
  if (rehearsal) print(`Its owner enters it with POST /v1/sites/${siteId}/rehearsal/entrance`)
  return true
}

/** Says nothing about the bundle: the token has expired, as while a large archive was stored, or there were too many requests. */
const isPassing = ({ status }: Refused): boolean => status === 401 || status === 429

/** Imports a bundle: all of it is read and checked before anything is written. @returns whether the site runs. */
export const importBundle = async (importing: Importing): Promise<boolean> => {
  const { call, directory, key, print } = importing
  const bundle = await readBundle(directory, key)
  const asked = await begin(importing, bundle, true)
  if (asked.outcome === 'unchanged') {
    const found = await call(`sites/${asked.siteId}`, foundSchema)
    if (!needsArchive(found)) return report(importing, asked.siteId, found)
  }
  // An earlier run may have been interrupted: what is missing is stored.
  const takeBack = await storeArchive(importing, bundle)
  if (asked.outcome === 'unchanged') return follow(importing, asked)
  const begun = await begin(importing, bundle, false).catch(async (error: unknown) => {
    // The reply may be lost, or somebody else have imported it: then the build needs the archive.
    const now = await begin(importing, bundle, true).catch(() => undefined)
    if (now?.outcome === 'unchanged') return now
    const isDecided = error instanceof Refused ? !isPassing(error) : now !== undefined
    if (isDecided) await takeBack()
    else print('The archive stays there. Repeat the command: it stores nothing twice.')
    throw error
  })
  const { plan, contract } = bundle.site
  if (!isTrialPlan(plan) && contract === undefined && !importing.rehearsal) {
    print(`No contract covers its plan '${plan}', and nobody pays for it here: see docs/bundles.md.`)
  }
  return follow(importing, begun)
}
