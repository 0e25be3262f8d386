import { describe, expect, it } from 'vitest'
import { createProofOfWork } from '../../../adapters/altcha/proof-of-work.ts'
import type { Challenge, Proof } from '../../../core/challenge.ts'
import { solveChallenge } from '../../../web/sign-up/solve-challenge.ts'

/** What the plain page runs. */

const secrets = { signatureSecret: 'one', keySecret: 'two' }
const proofOfWork = createProofOfWork({ ...secrets, cost: 10, attempts: 40 })
const expiresAt = '2026-03-01T12:05:00.000Z'

const solved = async (): Promise<Proof> => solveChallenge(await proofOfWork.challenge(expiresAt, 1))
const changed = (proof: Proof, parameters: Partial<Challenge['parameters']>): Proof => ({
  ...proof,
  challenge: { ...proof.challenge, parameters: { ...proof.challenge.parameters, ...parameters } },
})

describe('a proof of work', () => {
  it('that the page finds is valid, however often it is checked', async () => {
    const proof = await solved()
    expect(proof.solution.counter).toBeLessThan(40)
    expect(await proofOfWork.isSolved(proof)).toBe(true)
    expect(await proofOfWork.isSolved(proof)).toBe(true)
  })

  it('is new each time', async () => {
    const [one, other] = [await proofOfWork.challenge(expiresAt, 1), await proofOfWork.challenge(expiresAt, 1)]
    expect(one.parameters.data).toEqual({ expiresAt })
    expect(one.signature).not.toBe(other.signature)
    expect(one.parameters.keyPrefix).not.toBe(other.parameters.keyPrefix)
  })

  it('takes no more attempts than is said, and not always as many', async () => {
    const counters = await Promise.all(Array.from({ length: 12 }, async () => (await solved()).solution.counter))
    expect(Math.max(...counters)).toBeLessThan(40)
    expect(new Set(counters).size).toBeGreaterThan(1)
  })

  it('takes more attempts when it is harder, and says so under its signature', async () => {
    const proofs = await Promise.all(
      Array.from({ length: 12 }, async () => solveChallenge(await proofOfWork.challenge(expiresAt, 8))),
    )
    const counters = proofs.map(({ solution }) => solution.counter)
    expect(Math.max(...counters)).toBeGreaterThanOrEqual(40)
    expect(Math.max(...counters)).toBeLessThan(8 * 40)
    const [proof] = proofs
    expect(proof?.challenge.parameters.data).toEqual({ expiresAt, difficulty: 8 })
    expect(await proofOfWork.isSolved(proof!)).toBe(true)
    expect(await proofOfWork.isSolved(changed(proof!, { data: { expiresAt, difficulty: 16 } }))).toBe(false)
  })

  it('is no proof where it was made longer, easier or another challenge’s', async () => {
    const proof = await solved()
    const other = await solved()
    for (const forged of [
      changed(proof, { data: { expiresAt: '2026-03-01T12:06:00.000Z' } }),
      changed(proof, { cost: 1 }),
      changed(proof, { keyPrefix: proof.challenge.parameters.keyPrefix.slice(0, 2) }),
      changed(proof, { keySignature: other.challenge.parameters.keySignature }),
      { ...proof, challenge: { ...proof.challenge, signature: other.challenge.signature } },
      { ...proof, solution: other.solution },
      {
        ...proof,
        solution: { ...proof.solution, derivedKey: `${proof.challenge.parameters.keyPrefix}${'00'.repeat(16)}` },
      },
    ]) {
      expect(await proofOfWork.isSolved(forged)).toBe(false)
    }
  })

  it('of another installation is none', async () => {
    const proof = await solved()
    for (const other of [
      { ...secrets, signatureSecret: 'x' },
      { ...secrets, keySecret: 'x' },
    ]) {
      expect(await createProofOfWork({ ...other, cost: 10, attempts: 40 }).isSolved(proof)).toBe(false)
    }
  })
})
