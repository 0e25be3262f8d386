import type { RolloutEvent } from '../../core/events/event.ts'
import type { Rollout } from './rollout.ts'

/** The last roll-out of each blueprint. */
export interface RolloutStore {
  /** Strongly consistent. */
  readonly read: (blueprint: string) => Promise<Rollout | undefined>
  readonly list: () => Promise<readonly Rollout[]>
  /**
   * Writes the record, and its event in the same transaction, on condition of the version before.
   * @returns false on a conflict, or if an earlier attempt succeeded and lost its reply.
   */
  readonly write: (next: Rollout, event?: RolloutEvent) => Promise<boolean>
}
