import { SitewrightError } from '../errors.ts'
import { plusMilliseconds } from '../instant.ts'
import type { ProofOfWork } from '../ports/abuse.ts'
import type { AbusePolicy } from './abuse-policy.ts'
import type { Proof } from './challenge.ts'
import type { CountPorts } from './count-in-windows.ts'
import { windowKey } from './count-in-windows.ts'

export interface ProofPorts extends CountPorts {
  readonly proofOfWork: ProofOfWork
  readonly abuse: AbusePolicy
}

/** Uses a proof up. It is marked as used before anything is done for it, so it serves one request at most. */
const accepts = async (
  { proofOfWork, rateWindows, clocks, codeSecret }: ProofPorts,
  proof: Proof,
): Promise<boolean> => {
  const { expiresAt } = proof.challenge.parameters.data
  if (expiresAt <= clocks.wall() || !(await proofOfWork.isSolved(proof))) return false
  const [uses] = await rateWindows.count([
    { key: windowKey(codeSecret, 'proof', proof.challenge.signature), endsAt: expiresAt },
  ])
  return uses === 1
}

/** @throws {SitewrightError} `ProofOfWorkRequired`, with a new challenge, where the proof is missing or not good. */
export const requireProof = async (ports: ProofPorts, proof: Proof | undefined): Promise<void> => {
  if (proof !== undefined && (await accepts(ports, proof))) return
  const { clocks, abuse, proofOfWork } = ports
  const challenge = await proofOfWork.challenge(plusMilliseconds(clocks.wall(), abuse.proofOfWork.minutes * 60_000))
  throw new SitewrightError(
    'ProofOfWorkRequired',
    proof === undefined
      ? 'Many are signing up. Solve the challenge and send the request again with its proof.'
      : 'The proof is wrong, too old or used. Solve the new challenge and send the request again with its proof.',
    { challenge },
  )
}
