import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Challenge, challengeSchema, type Proof } from '../../core/challenge.ts'
import { solveChallenge } from '../../web/sign-up/solve-challenge.ts'
import { unlimited } from '../support/signing-up.ts'
import { openStrictStage, startSignup, verify } from './strangers.ts'

let mailsBefore: number

const stage = await openStrictStage({ ...unlimited, proofOfWork: { ...unlimited.proofOfWork, when: 'always' } })
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  mailsBefore = stage.mails.length
})

const mailed = (): number => stage.mails.length - mailsBefore

const challengeOf = ({ json }: { json: Record<string, unknown> }): Challenge => challengeSchema.parse(json['challenge'])

const challenge = async (): Promise<Challenge> => challengeOf(await startSignup(stage, 'ada@example.com'))

const send = (proof: Proof, email = 'ada@example.com') => startSignup(stage, email, { proof })

describe('a sign-up that needs proof of work', () => {
  it('is answered 428 with a challenge, writes and mails nothing, and is let in with the proof', async () => {
    const asked = await startSignup(stage, 'ada@example.com')
    expect(asked).toMatchObject({
      status: 428,
      headers: { 'content-type': 'application/problem+json' },
      json: { type: 'urn:sitewright:problem:proof-of-work-required', status: 428 },
    })
    expect(mailed()).toBe(0)
    expect((await send(await solveChallenge(challengeOf(asked)))).status).toBe(201)
    expect(mailed()).toBe(1)
  })

  it('is answered the same for known addresses and unknown ones', async () => {
    const known = 'known@example.com'
    const { json } = await send(await solveChallenge(await challenge()), known)
    expect((await verify(stage, String(json['id']), stage.codeFor(known))).status).toBe(200)
    const told = async (email: string) => {
      const { challenge: _, ...rest } = (await startSignup(stage, email)).json
      return rest
    }
    expect(await told(known)).toEqual(await told('unknown@example.com'))
  })
})

describe('a proof that is not good brings another challenge: one that', () => {
  const expectRefused = async (proof: Proof) => {
    const answer = await send(proof)
    expect(answer.status).toBe(428)
    expect(challengeOf(answer).signature).not.toBe(proof.challenge.signature)
    expect(mailed()).toBe(0)
  }

  it('is too old', async () => {
    const proof = await solveChallenge(await challenge())
    stage.turnClock(5 * 60_000)
    await expectRefused(proof)
  })

  it('was made to last', async () => {
    const proof = await solveChallenge(await challenge())
    stage.turnClock(5 * 60_000)
    const { parameters, signature } = proof.challenge
    const data = { expiresAt: '2036-01-01T00:00:00.000Z' }
    await expectRefused({ ...proof, challenge: { parameters: { ...parameters, data }, signature } })
  })

  it('was solved for an easier challenge', async () => {
    const given = await challenge()
    const easier = { ...given, parameters: { ...given.parameters, keyPrefix: given.parameters.keyPrefix.slice(0, 2) } }
    const { solution } = await solveChallenge(easier)
    await expectRefused({ challenge: easier, solution })
  })

  it('has no work in it', async () => {
    const given = await challenge()
    await expectRefused({
      challenge: given,
      solution: { counter: 0, derivedKey: given.parameters.keyPrefix.repeat(2) },
    })
  })

  it('was used', async () => {
    const proof = await solveChallenge(await challenge())
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => send(proof, `p${index}@example.com`)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 428)).toHaveLength(7)
    expect(mailed()).toBe(1)
    expect((await send(proof)).status).toBe(428)
  })

  it.each([
    ['is no object', 'proof'],
    ['has a field too many', { challenge: {}, solution: {}, more: 1 }],
    ['is for another algorithm', { challenge: { parameters: { algorithm: 'SHA-1' }, signature: '00' }, solution: {} }],
  ])('%s is a bad request', async (_what, proof) => {
    const body = { email: 'ada@example.com', proof }
    const answer = await stage.send({ method: 'POST', path: '/v1/signups', body })
    expect(answer).toMatchObject({ status: 400, json: { type: 'urn:sitewright:problem:invalid-request' } })
  })
})

describe('an Idempotency-Key', () => {
  it('is the same request with and without proof, and with another one', async () => {
    const request = async (proof?: Proof) =>
      stage.send({
        method: 'POST',
        path: '/v1/signups',
        sourceIp: '192.0.2.1',
        headers: { 'idempotency-key': 'click' },
        body: { email: 'ada@example.com', ...(proof && { proof }) },
      })
    const first = await request(await solveChallenge(challengeOf(await request())))
    const again = await request(await solveChallenge(challengeOf(await request())))
    expect(first.status).toBe(201)
    expect(again.json).toEqual(first.json)
  })
})
