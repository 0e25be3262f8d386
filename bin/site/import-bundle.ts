import * as z from 'zod'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import { importSchema } from '../../lambdas/bundles/operations.ts'
import { type CallOperation, Refused } from '../command-line/operators-call.ts'
import { type Bundle, readBundle, readBundled } from './bundle-file.ts'
import type { Installation } from './installation.ts'

export interface Importing {
  readonly call: CallOperation
  readonly installation: Pick<Installation, 'archives'>
  readonly directory: string
  readonly key: string
  readonly rehearsal: boolean
  readonly reason: string
  readonly pause: () => Promise<void>
  readonly print: (line: string) => void
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

/** Waits until the site runs. @returns whether it does. */
const follow = async (
  { call, rehearsal, pause, print }: Importing,
  { siteId, url }: z.output<typeof importSchema>,
): Promise<boolean> => {
  print(`${siteId} is being built from the archive.`)
  for (;;) {
    const found = await call(`sites/${siteId}`, foundSchema)
    const { status } = found
    if (status === 'active' || status === 'asleep') break
    if (!needsArchive(found)) {
      print(`It is ${status}. Support sees why: GET /v1/operator/sites/${siteId}/failures`)
      return false
    }
    await pause()
  }
  print(`It runs: ${url}`)
  if (rehearsal) print(`Its owner enters it with POST /v1/sites/${siteId}/rehearsal/entrance`)
  return true
}

/**
 * Imports a bundle: all of it is read and checked before anything is written.
 * @returns whether the site runs.
 */
export const importBundle = async (importing: Importing): Promise<boolean> => {
  const { call, directory, key, print } = importing
  const bundle = await readBundle(directory, key)
  const asked = await begin(importing, bundle, true)
  if (asked.outcome === 'unchanged' && !needsArchive(await call(`sites/${asked.siteId}`, foundSchema))) {
    print(`${asked.siteId} is here already, and ${asked.status}. Nothing was changed.`)
    return true
  }
  // An earlier run may have been interrupted: what is missing is stored.
  const takeBack = await storeArchive(importing, bundle)
  if (asked.outcome === 'unchanged') return follow(importing, asked)
  const begun = await begin(importing, bundle, false).catch(async (error: unknown) => {
    // The reply may be lost, or somebody else have imported it: then the build needs the archive.
    const now = await begin(importing, bundle, true).catch(() => undefined)
    if (now?.outcome === 'unchanged') return now
    if (now !== undefined || error instanceof Refused) await takeBack()
    throw error
  })
  const { plan, contract } = bundle.site
  if (!isTrialPlan(plan) && contract === undefined && !importing.rehearsal) {
    print(`No contract covers its plan '${plan}', and nobody pays for it here: see docs/bundles.md.`)
  }
  return follow(importing, begun)
}
