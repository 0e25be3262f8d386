import { isKind } from '../api/api-error.ts'
import { PageError } from '../ui/use-page.ts'
import type { Challenge, Proof } from './solve-challenge.ts'

/** The address of the worker's script; the build knows it. */
declare const PROOF_WORKER: string

/** This browser could not solve a challenge. */
const failure = (message: string): PageError => new PageError('email.proof-failed', message)

const prove = async (challenge: Challenge): Promise<Proof> => {
  const worker = new Worker(PROOF_WORKER)
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) =>
        data.proof ? resolve(data.proof) : reject(failure(data.trouble)),
      )
      worker.addEventListener('error', ({ message }) => reject(failure(message)))
      worker.postMessage(challenge)
    })
  } finally {
    worker.terminate()
  }
}

/** Challenges can get harder while one is being solved. */
const mostChallenges = 3

/** Sends a request; if the answer is a challenge, solves it and sends the request again. */
export const withProof = async <Answer>(
  send: (proof: { proof?: Proof }) => Promise<Answer>,
  onChallenge: () => void,
): Promise<Answer> => {
  let proof: { proof?: Proof } = {}
  for (let challenges = 0; ; challenges += 1) {
    try {
      return await send(proof)
    } catch (error) {
      if (!isKind(error, 'proof-of-work-required') || challenges === mostChallenges) throw error
      const { challenge } = error.problem
      if (challenge === undefined) throw error
      onChallenge()
      proof = { proof: await prove(challenge) }
    }
  }
}
