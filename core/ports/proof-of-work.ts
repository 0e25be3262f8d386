import type { Challenge, Proof } from '../abuse/challenge.ts'
import type { Instant } from '../instant.ts'

export interface ProofOfWork {
  /** A new challenge, as hard as the configuration says. */
  readonly challenge: (expiresAt: Instant) => Promise<Challenge>
  /** Whether the challenge is one of ours, unchanged, and the work is done. Its age is the caller's to look at. */
  readonly isSolved: (proof: Proof) => Promise<boolean>
}
