import type { TrialControls } from '../waiting-list/trial-controls.ts'

export interface TrialControlStore {
  /** Strongly consistent; undefined where nobody has ever said anything: new trials are not paused then. */
  readonly read: () => Promise<TrialControls | undefined>
  /** @returns false where another version was written meanwhile. */
  readonly write: (next: TrialControls) => Promise<boolean>
  /** The latest first. */
  readonly history: (limit: number) => Promise<readonly TrialControls[]>
}
