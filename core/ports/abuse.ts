import type { Challenge, Proof } from '../abuse/challenge.ts'
import type { Instant } from '../instant.ts'

export interface ProofOfWork {
  /** A new challenge, as hard as the configuration says. */
  readonly challenge: (expiresAt: Instant) => Promise<Challenge>
  /** Whether the challenge is one of ours, unchanged, and the work is done. Its age is the caller's to look at. */
  readonly isSolved: (proof: Proof) => Promise<boolean>
}

/** One stretch of time for one subject. */
export interface RateWindow {
  /** Names the subject and the stretch; opaque, and holds nothing about a person in the clear. */
  readonly key: string
  /** From then on nobody asks for it. */
  readonly endsAt: Instant
}

export interface RateWindows {
  /**
   * Counts one more in each window, atomically, and says how many that makes. A count whose reply was lost and that is
   * repeated counts twice: it errs on the side of refusing.
   */
  readonly count: (windows: readonly RateWindow[]) => Promise<readonly number[]>
  /** What has been counted in each window, without counting. */
  readonly read: (keys: readonly RateWindow['key'][]) => Promise<readonly number[]>
}
