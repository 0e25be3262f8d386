import type { BrakeAct, BrakeState } from './brake-state.ts'

/** Stops destructive steps while it is on. */
export interface Brake {
  readonly isOn: () => Promise<boolean>
}

export interface BrakeStore {
  /** Strongly consistent; undefined before the first sweep. */
  readonly read: () => Promise<BrakeState | undefined>
  /**
   * Writes the state and its history entry on condition of the version before. @returns false on a conflict, or if an
   * earlier attempt succeeded and lost its reply.
   */
  readonly write: (next: BrakeState, act?: BrakeAct) => Promise<boolean>
  readonly history: (limit: number) => Promise<readonly BrakeAct[]>
}

/** Limits how fast things are removed. */
export interface Pace {
  /**
   * Counts one removal before it happens.
   * @param what names it in the log.
   * @returns false if there is no room now, or the brake is on.
   */
  readonly take: (what: string) => Promise<boolean>
}
