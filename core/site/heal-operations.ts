import { eachApart } from '../each-at-once.ts'
import { system } from '../events/event-names.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import { operationExecution, startOperation } from './change-site.ts'
import { endOperation, retryAt, retryOperation } from './operation-changes.ts'
import { isKept, type Site } from './site.ts'

export interface HealOperationsPorts {
  readonly sites: SiteStore
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
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
