import { createChallenge, randomInt, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { challengeSchema } from '../../core/challenge.ts'
import type { ProofOfWork } from '../../lambdas/signup/abuse/admit-signup.ts'

/**
 * Challenges of ALTCHA 2 in its deterministic mode: making one costs a single attempt, checking a proof two HMACs. The expiry
 * is ours: ALTCHA would use the system's clock.
 * @param options.cost rounds of PBKDF2 in one attempt.
 * @param options.attempts the most that the easiest challenge can take.
 */
export const createProofOfWork = (options: {
  /** Signs challenges. */
  readonly signatureSecret: string
  /** Recognizes the one key that solves a challenge. */
  readonly keySecret: string
  readonly cost: number
  readonly attempts: number
}): ProofOfWork => {
  const { signatureSecret, keySecret, cost, attempts } = options
  const secrets = { hmacSignatureSecret: signatureSecret, hmacKeySignatureSecret: keySecret }
  return {
    challenge: async (expiresAt, difficulty) =>
      challengeSchema.parse(
        await createChallenge({
          ...secrets,
          algorithm: 'PBKDF2/SHA-256',
          cost,
          counter: randomInt(attempts * difficulty - 1, 0),
          data: { expiresAt, ...(difficulty === 1 ? {} : { difficulty }) },
          deriveKey,
        }),
      ),
    isSolved: async ({ challenge, solution }) => {
      const { verified } = await verifySolution({
        ...secrets,
        challenge,
        solution: { ...solution, time: 0 },
        deriveKey,
      })
      return verified
    },
  }
}
