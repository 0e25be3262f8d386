import { SitewrightError } from '../errors.ts'
import { system } from '../events/event-names.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { ChangeContext, SiteChange } from './change.ts'
import type { OperationAttempt, ReclaimOperation } from './operation.ts'
import type { Site } from './site.ts'

const operationOf = (site: Site): ReclaimOperation | undefined =>
  'operation' in site && site.operation !== undefined && site.operation.kind !== 'provision'
    ? site.operation
    : undefined

/** Used once, so that a repeated start runs once. */
export const operationExecution = ({ id, fence }: ReclaimOperation): string => `${id}-${fence}`

/** Idempotent. */
export const startOperation = async (workflows: Workflows, site: Site): Promise<void> => {
  const operation = operationOf(site)
  if (operation === undefined) return
  const attempt: OperationAttempt = { siteId: site.id, operationId: operation.id, fence: operation.fence }
  await workflows.start(`${operation.kind}-site`, operationExecution(operation), attempt, {
    isAwaited: ['restore', 'copy', 'resize'].includes(operation.kind),
  })
}

/** Logs a failure: a sweep starts it later. */
export const startOperationSoon = async (
  { workflows, log }: { readonly workflows: Workflows; readonly log: Log },
  site: Site,
): Promise<void> => {
  try {
    await startOperation(workflows, site)
  } catch (error) {
    log.warn({ siteId: site.id, err: error }, 'an operation could not be started at once')
  }
}

export interface ReclaimPorts {
  readonly sites: SiteStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

export const attemptContext = (
  { clocks, randomness }: ReclaimPorts,
  { operationId, fence }: OperationAttempt,
): ChangeContext => ({ actor: system, causationId: `${operationId}-${fence}`, clocks, randomness })

/** @throws {SitewrightError} `VersionConflict`: the task is repeated. */
export const commitOrRepeat = async ({ sites }: ReclaimPorts, change: SiteChange): Promise<void> => {
  if ((await sites.commit(change)).done) return
  throw new SitewrightError('VersionConflict', `${change.after.id} was changed at the same time.`)
}
