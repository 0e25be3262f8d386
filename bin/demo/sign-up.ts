import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import type { Challenge, Proof } from '../../core/abuse/challenge.ts'
import type { demoApi } from './api.ts'
import { UnexpectedAnswer } from './api.ts'

/** @throws {Error} where a minute and a half does not suffice. */
const prove = async (challenge: Challenge): Promise<Proof> => {
  const solution = await solveChallenge({ challenge, deriveKey })
  if (solution === null) throw new Error('The proof of work that the deployment asks for took too long.')
  return { challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } }
}

/**
 * Signs up, and where many do, once more with the work done that the answer asks for.
 * @returns the work's time too, in milliseconds, where there was some.
 */
export const signUp = async (
  api: Pick<ReturnType<typeof demoApi>, 'signUp'>,
  email: string,
): Promise<{ readonly id: string; readonly workMilliseconds?: number }> => {
  try {
    return { id: (await api.signUp(email)).id }
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer) || error.challenge === undefined) throw error
    const startedAt = performance.now()
    const proof = await prove(error.challenge)
    const workMilliseconds = Math.round(performance.now() - startedAt)
    return { id: (await api.signUp(email, proof)).id, workMilliseconds }
  }
}
