import type { Log } from '../core/ports/context.ts'
import type { SiteRuntime } from '../core/ports/runtime.ts'
import type { SiteStore } from '../core/ports/stores.ts'

/**
 * Removes what runs, as a host starts, of sites without a record: an earlier host of this home left it, and nobody else runs
 * anything here. Their data directories stay. What cannot be removed now keeps nobody from starting: later it is found as
 * left over.
 * @returns how many sites something was removed of.
 */
export const removeOrphans = async ({
  runtime,
  sites,
  log,
}: {
  readonly runtime: Pick<SiteRuntime, 'list' | 'remove'>
  readonly sites: Pick<SiteStore, 'get'>
  readonly log: Pick<Log, 'warn'>
}): Promise<number> => {
  let removed = 0
  try {
    for (const { siteId } of await runtime.list()) {
      if ((await sites.get(siteId)) !== undefined) continue
      log.warn({ siteId }, 'removing what an earlier host left running of a site that has no record')
      await runtime.remove(siteId)
      removed += 1
    }
  } catch (error) {
    log.warn({ err: error }, 'what an earlier host may have left running could not be removed')
  }
  return removed
}
