import { eachApart } from '../each-at-once.ts'
import { system } from '../events/event-names.ts'
import { type Instant, plusMilliseconds } from '../instant.ts'
import type { Context } from '../ports/context.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import { type ChangeContext, type SiteChange, siteChange } from './lifecycle.ts'
import { nextGeneration } from './location.ts'
import type { ReclaimOperation } from './operation.ts'
import { endOperation, operationExecution, startOperation } from './operation-changes.ts'
import { isKept, type KeptSite, type PurgedSite, type Site } from './site.ts'

/** Each attempt has its own archive or directory, so that two cannot mix. */
const ownOfAttempt = (
  operation: ReclaimOperation,
  site: KeptSite | PurgedSite,
  generation: number,
  { randomness }: ChangeContext,
) => {
  switch (operation.kind) {
    case 'archive':
      // The archive is committed; only the disk is left.
      return site.status === 'archived' ? operation : { ...operation, archiveId: randomness.id('arc') }
    case 'copy':
      return { ...operation, archiveId: randomness.id('arc') }
    case 'restore': {
      // A cell that had a place for the last attempt may be full or gone.
      const { isPlaced: _, ...unplaced } = operation
      return { ...unplaced, generation }
    }
    case 'upgrade': {
      const { launchedAt: _, checking: __, copy, command, ...untimed } = operation
      // The switch is committed; only the former task is left.
      if (operation.moved || copy === undefined) return operation
      const { done: _done, ...wanted } = copy
      return {
        ...untimed,
        ...(command && { command: 'due' as const }),
        copy: { ...wanted, archiveId: randomness.id('arc'), generation },
      }
    }
    case 'wake': {
      const { launchedAt: _, ...untimed } = operation
      return untimed
    }
    case 'suspend':
    case 'purge':
    case 'sleep':
    case 'dormancy':
    case 'handover':
      return operation
  }
}

/** What an attempt changes of a site's directories: those of an upgrade count once it is committed. */
const generationsOf = (operation: ReclaimOperation) => {
  if (operation.kind === 'restore') return { generation: operation.generation }
  return operation.kind === 'upgrade' && operation.copy !== undefined
    ? { generationsUsed: operation.copy.generation }
    : {}
}

/** Starts another attempt; the fence stops the earlier one. */
export const retryOperation = (
  site: KeptSite | PurgedSite,
  context: ChangeContext,
): SiteChange<KeptSite | PurgedSite> => {
  const { operation } = site
  if (operation === undefined) throw new Error(`${site.id} has no operation to retry`)
  const attempt = {
    ...ownOfAttempt(operation, site, nextGeneration(site), context),
    fence: operation.fence + 1,
    startedAt: context.clocks.wall(),
  }
  const after = { ...site, version: site.version + 1, ...generationsOf(attempt), operation: attempt }
  return siteChange(
    { transition: 'retryOperation', before: site, after, details: { operation: operation.kind } },
    context,
  )
}

/** In milliseconds. */
const longestPause = 60 * 60_000

const firstPause = 10_000

/** Each pause is twice the one before. */
export const retryAt = ({ startedAt, fence }: ReclaimOperation): Instant =>
  plusMilliseconds(startedAt, Math.min(longestPause, firstPause * 2 ** Math.min(20, fence - 1)))

export interface HealOperationsPorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: SiteStore
  readonly workflows: Workflows
}

/** More attempts are logged as errors. */
const quietAttempts = 4

/** Later than any start. */
const endOfTime = '9999-12-31T23:59:59.999Z'

const healOperation = async (ports: HealOperationsPorts, { id }: Site, causationId: string): Promise<void> => {
  const { sites, workflows, clocks, randomness, log } = ports
  // The site is read before its workflow, so that a mismatch means the workflow is ahead.
  const site = await sites.get(id)
  if (site === undefined || !(isKept(site) || site.status === 'purged') || site.operation === undefined) return
  const { operation } = site
  // An attempt that is abandoned raises the fence, and its workflow cleans up.
  const fence = operation.ending === undefined ? operation.fence : operation.fence - 1
  const status = await workflows.status(`${operation.kind}-site`, operationExecution({ ...operation, fence }))
  if (status === 'running') return
  if (status === 'unknown' && operation.ending === undefined) return startOperation(workflows, site)
  const now = clocks.wall()
  // Gives the workflow time to write its outcome. A start in the future means that the clock was set back.
  if (operation.startedAt <= now && retryAt(operation) > now) return
  if (operation.fence >= quietAttempts) {
    log.error(
      { event: 'operation-stuck', siteId: id, operation: operation.kind, attempts: operation.fence },
      'an operation keeps ending without an outcome',
    )
  }
  if (operation.ending !== undefined) {
    const { ending } = operation
    await sites.commit(endOperation(site, ending.outcome, { actor: system, causationId, clocks, randomness }, ending))
    return
  }
  const retry = retryOperation(site, { actor: system, causationId, clocks, randomness })
  if ((await sites.commit(retry)).done) await startOperation(workflows, retry.after)
}

/**
 * Restarts operations whose workflow never started or ended without an outcome. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if an operation failed.
 */
export const healOperations = (ports: HealOperationsPorts, causationId: string): Promise<void> =>
  eachApart(
    ports.sites.listDue({ kind: 'operation', until: endOfTime }),
    {
      log: ports.log,
      named: ({ id }) => ['siteId', id],
      failed: 'an operation could not be recovered',
      summary: 'These operations could not be recovered',
    },
    (site) => healOperation(ports, site, causationId),
  )
