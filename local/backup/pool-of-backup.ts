import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import { system } from '../../core/events/event-names.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { retireSite } from '../../lambdas/sites/claim/pooled-site.ts'

const markOf = (directory: string): string => join(directory, 'pool-of-backup')

/** Has the first start of a restored home retire its pool. */
export const markPoolOfBackup = (directory: string): Promise<void> => replaceFile(markOf(directory), '')

type Unowned = Parameters<typeof retireSite>[0]

interface RetirePorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: Pick<SiteStore, 'listByStatus' | 'commit'>
}

const listPool = async (sites: RetirePorts['sites']): Promise<readonly Unowned[]> => {
  const pool: Unowned[] = []
  for await (const site of sites.listByStatus('ready')) pool.push(site)
  for await (const { ownership, ...site } of sites.listByStatus('building'))
    if (ownership === undefined) pool.push(site)
  return pool
}

/**
 * Retires the pool of a home that was restored since the last start. A backup copies the database before the data: a site that somebody
 * got in between has no owner in the database, and the owner's data on the disk. Nothing else may change sites meanwhile.
 */
export const retirePoolOfBackup = async (directory: string, ports: RetirePorts): Promise<void> => {
  if (!existsSync(markOf(directory))) return
  const pool = await listPool(ports.sites)
  for (const site of pool) {
    const { done } = await ports.sites.commit(retireSite(site, { actor: system, causationId: 'restore', ...ports }))
    // The mark stays: the next start goes on.
    if (!done) throw new Error(`the site ${site.id} of the restored pool cannot be retired`)
  }
  await rm(markOf(directory), { force: true })
  ports.log.info({ sites: pool.length }, 'retired the pool of the backup')
}
