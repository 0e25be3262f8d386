import type { BrakeAct, BrakeState } from '../brake/brake-state.ts'

/** Whether what the clock takes away is stopped. */
export interface Brake {
  readonly isOn: () => Promise<boolean>
}

/** Where the state of the brake, the pace and the forecast is kept. */
export interface BrakeStore {
  /** Strongly consistent; undefined before the first sweep. */
  readonly read: () => Promise<BrakeState | undefined>
  /**
   * Writes a state on condition that the stored one has the version before, and with it what it adds to the history.
   * @returns false where it has not: somebody else was faster, or an earlier try went through and lost its reply.
   */
  readonly write: (next: BrakeState, act?: BrakeAct) => Promise<boolean>
  /** The latest first. */
  readonly history: (limit: number) => Promise<readonly BrakeAct[]>
}

/** How fast things may be taken away. */
export interface Pace {
  /**
   * Counts one more thing that is taken away, before it is.
   * @param what names it, for whoever looks at what was counted.
   * @returns false where no more may be taken now, or where the brake is on: it waits for another time.
   */
  readonly take: (what: string) => Promise<boolean>
}
