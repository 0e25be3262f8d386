import type { Challenge, Proof } from '../../../core/challenge.ts'
import type { Instant } from '../../../core/instant.ts'

export interface ProofOfWork {
  /** @param difficulty how many times as many attempts as the easiest. */
  readonly challenge: (expiresAt: Instant, difficulty: number) => Promise<Challenge>
  /** Whether the challenge is ours and unchanged, and the work is done. The caller checks its age. */
  readonly isSolved: (proof: Proof) => Promise<boolean>
}

/** A time window of one subject. */
export interface RateWindow {
  /** Opaque, without personal data in the clear. */
  readonly key: string
  readonly endsAt: Instant
  /** The longest window of the subject, which this one is a part of: they are stored and counted together. */
  readonly within?: Pick<RateWindow, 'key' | 'endsAt'>
}

export interface LimitedWindow extends RateWindow {
  readonly limit: number
}

export interface RateWindows {
  /** Increments every window atomically and returns the counts. A repeated call counts twice. */
  readonly count: (windows: readonly RateWindow[]) => Promise<readonly number[]>
  /** Increments windows that are stored together. @returns false if one of them is at its limit; then nothing is counted. */
  readonly countUpTo: (windows: readonly LimitedWindow[]) => Promise<boolean>
  /** Returns the counts without incrementing. */
  readonly read: (windows: readonly RateWindow[]) => Promise<readonly number[]>
}
