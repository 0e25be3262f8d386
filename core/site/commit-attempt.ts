import { SitewrightError } from '../errors.ts'
import { system } from '../events/system.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { ChangeContext, SiteChange } from './change.ts'
import type { OperationAttempt } from './operation.ts'

/** What every task of an operation needs. */
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

/** @throws {SitewrightError} `VersionConflict` where something else changed the site meanwhile: the task is repeated. */
export const commitOrRepeat = async ({ sites }: ReclaimPorts, change: SiteChange): Promise<void> => {
  if ((await sites.commit(change)).done) return
  throw new SitewrightError('VersionConflict', `${change.after.id} was changed at the same moment.`)
}
