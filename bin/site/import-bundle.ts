import * as z from 'zod'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import { importSchema } from '../../lambdas/bundles/operations.ts'
import { type Bundle, readBundle, readBundled } from './bundle-file.ts'
import type { Installation } from './installation.ts'
import type { CallOperation } from './operators-call.ts'

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

/** Waits until the site runs. @returns whether it does. */
const follow = async ({ call, pause, print }: Importing, siteId: string): Promise<boolean> => {
  for (;;) {
    const { status, operation } = await call(`sites/${siteId}`, foundSchema)
    if (status === 'active' || status === 'asleep') return true
    if (status !== 'building' && !(status === 'archived' && operation === 'restore')) {
      print(`It is ${status}. Support sees why: GET /v1/operator/sites/${siteId}/failures`)
      return false
    }
    await pause()
  }
}

/**
 * Imports a bundle: all of it is read and checked before anything is written.
 * @returns whether the site runs.
 */
export const importBundle = async (importing: Importing): Promise<boolean> => {
  const { directory, key, print } = importing
  const bundle = await readBundle(directory, key)
  const asked = await begin(importing, bundle, true)
  if (asked.outcome === 'unchanged') {
    print(`${asked.siteId} is here already, and ${asked.status}. Nothing was changed.`)
    return true
  }
  const takeBack = await storeArchive(importing, bundle)
  const begun = await begin(importing, bundle, false).catch(async (error: unknown) => {
    await takeBack()
    throw error
  })
  print(`${begun.siteId} is being built from the archive.`)
  const { plan, contract } = bundle.site
  if (!isTrialPlan(plan) && contract === undefined && !importing.rehearsal) {
    print(`No contract covers its plan '${plan}', and nobody pays for it here: see docs/bundles.md.`)
  }
  const runs = await follow(importing, begun.siteId)
  if (runs) print(`It runs: ${begun.url}`)
  if (runs && importing.rehearsal) print(`Its owner enters it with POST /v1/sites/${begun.siteId}/rehearsal/entrance`)
  return runs
}
