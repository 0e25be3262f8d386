import { eachApart } from '../../core/each-at-once.ts'
import { system } from '../../core/events/event-names.ts'
import { endOfTime, type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { ActPorts } from '../../core/site/change-site.ts'
import { endOperation, operationExecution, startOperation } from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { nextGeneration } from '../../core/site/location.ts'
import { restoreDueAt } from '../../core/site/next-step.ts'
import type { ReclaimOperation } from '../../core/site/operation.ts'
import { type BuildingSite, isKept, type KeptSite, type PurgedSite, type Site } from '../../core/site/site.ts'
import { beginRestore } from '../endings/restore-site.ts'
import { continueRehearsal } from '../rehearsals/rehearsal.ts'
import { retryBuild } from './build/build-changes.ts'
import { buildFailure, failBuild } from './build/build-failure.ts'
import { executionName, machineOf, startBuild, waitsForCopy } from './build/request-build.ts'

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
      const { isPlaced: _, size: __, ...fresh } = operation
      return { ...fresh, generation }
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
  const after = { ...site, ...generationsOf(attempt), operation: attempt }
  const details = { operation: operation.kind }
  return siteChange({ transition: 'retryOperation', before: site, after, details }, context)
}

/** In milliseconds. */
const longestPause = 60 * 60_000

const firstPause = 10_000

/** Each pause is twice the one before. */
export const retryAt = ({ startedAt, fence }: ReclaimOperation): Instant =>
  plusMilliseconds(startedAt, Math.min(longestPause, firstPause * 2 ** Math.min(20, fence - 1)))

type HealPorts = Omit<ActPorts, 'policies'>

/** More attempts are logged as errors. */
const quietAttempts = 4

/** Begins a restore that failed once its wait is over. */
const restoreAgain = async (ports: ActPorts, site: Site, causationId: string): Promise<void> => {
  const { sites, workflows, policies, clocks } = ports
  if (site.status !== 'archived') return
  const dueAt = restoreDueAt(site, policies.find(site.policyVersion))
  if (dueAt === undefined || dueAt > clocks.domain()) return
  const begun = beginRestore(site, {}, { actor: system, causationId, ...ports })
  if ((await sites.commit(begun)).done) await startOperation(workflows, begun.after)
}

const healOperation = async (ports: ActPorts, { id }: Site, causationId: string): Promise<void> => {
  const { sites, workflows, clocks, log } = ports
  // The site is read before its workflow, so that a mismatch means the workflow is ahead.
  const site = await sites.get(id)
  if (site === undefined || !(isKept(site) || site.status === 'purged')) return
  if (site.operation === undefined) return restoreAgain(ports, site, causationId)
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
    const message = 'an operation keeps ending without an outcome'
    log.error({ event: 'operation-stuck', siteId: id, operation: operation.kind, attempts: operation.fence }, message)
  }
  const context = { actor: system, causationId, ...ports }
  const { ending } = operation
  if (ending !== undefined) return void (await sites.commit(endOperation(site, ending.outcome, context, ending)))
  const retry = retryOperation(site, context)
  if ((await sites.commit(retry)).done) await startOperation(workflows, retry.after)
}

const inWords = ({ log }: HealPorts, one: string, all: string) => ({
  log,
  named: ({ id }: Site): readonly [string, string] => ['siteId', id],
  failed: `${one} could not be recovered`,
  summary: `These ${all} could not be recovered`,
})

/**
 * Restarts operations whose workflow never started or ended without an outcome, and restores that failed an hour ago. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if an operation failed.
 */
export const healOperations = (ports: ActPorts, causationId: string): Promise<void> => {
  const due = ports.sites.listDue({ kind: 'operation', until: endOfTime })
  return eachApart(due, inWords(ports, 'an operation', 'operations'), (site) => healOperation(ports, site, causationId))
}

const attempts = 3

/** Gives a workflow that just ended time to write its outcome. */
const settleMilliseconds = 10_000

const abandonBuild = async ({ sites, log }: HealPorts, site: BuildingSite, context: ChangeContext): Promise<void> => {
  log.error({ siteId: site.id }, 'abandoned a build after too many attempts')
  const { step } = buildFailure(site, 'Abandoned')
  await sites.commit(failBuild(site, { step, reason: 'We tried several times.' }, context))
}

const healBuild = async (ports: HealPorts, { id }: BuildingSite, causationId: string): Promise<void> => {
  const { sites, workflows, clocks } = ports
  const site = await sites.get(id)
  if (site?.status !== 'building') return
  if (waitsForCopy(site)) return continueRehearsal(ports, site, causationId)
  const status = await workflows.status(machineOf(site), executionName(site.operation))
  if (status === 'running') return
  if (status === 'unknown' && site.operation.launchedAt === undefined) return startBuild(workflows, site)
  const context = { actor: system, causationId, ...ports }
  // Time without a host does not count as the site's time to start.
  if (status !== 'unknown') {
    const { startedAt } = site.operation
    const now = clocks.wall()
    // A start in the future means that the clock was set back.
    if (startedAt <= now && plusMilliseconds(startedAt, settleMilliseconds) > now) return
    if (site.operation.fence >= attempts) return abandonBuild(ports, site, context)
  }
  const retry = retryBuild(site, context)
  if ((await sites.commit(retry)).done) await startBuild(workflows, retry.after)
}

/**
 * Restarts builds whose workflow never started or ended without an outcome. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if a build failed.
 */
export const healBuilds = (ports: HealPorts, causationId: string): Promise<void> => {
  const building = ports.sites.listByStatus('building')
  return eachApart(building, inWords(ports, 'a build', 'builds'), (site) => healBuild(ports, site, causationId))
}
