import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { AbusePolicy } from '../../../lambdas/signup/abuse/abuse-policy.ts'
import { mailQueuedCodes } from '../../../lambdas/signup/mail-code.ts'
import { codeMatches } from '../../../lambdas/signup/signup.ts'
import { startSignup } from '../../../lambdas/signup/start-signup.ts'
import { verifySignup } from '../../../lambdas/signup/verify-signup.ts'
import { openSigningUp, unlimited } from '../../support/signing-up.ts'

const sourceIp = '192.0.2.1'
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

const stage = await openSigningUp()
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  stage.world.pass(24 * 60 * 60_000)
  stage.world.mails.clear()
  stage.world.outage = undefined
})

const limited = (change: Partial<AbusePolicy> = {}) => ({
  ...stage.ports,
  log,
  monotonic: () => 0,
  abuse: { ...unlimited, mails: { address: [], everyone: [{ limit: 2, minutes: 1 }] }, ...change },
})
const startMany = async (ports: ReturnType<typeof limited>, count: number, more: object = {}) => {
  for (let turn = 0; turn < count; turn += 1) {
    await startSignup(ports, { email: `ada-${turn}@example.com`, sourceIp, ...more })
  }
}
const mailed = () => [...stage.world.mails.values()].map(({ to }) => to)

describe('mails beyond the limit for all addresses', () => {
  it('wait, and go out in order with the right code', async () => {
    const ports = limited()
    await startMany(ports, 4)
    const late = await startSignup(ports, { email: 'late@example.com', sourceIp })
    expect(mailed()).toEqual(['ada-0@example.com', 'ada-1@example.com'])
    await mailQueuedCodes(ports)
    expect(mailed().slice(2)).toEqual(['ada-2@example.com', 'ada-3@example.com'])
    stage.world.pass(60_000)
    await mailQueuedCodes(ports)
    expect(mailed().slice(4)).toEqual(['late@example.com'])
    const code = stage.world.lastCode()
    await expect(verifySignup(ports, { id: late.id, code, sourceIp })).resolves.toBeDefined()
    await mailQueuedCodes(ports)
    expect(mailed()).toHaveLength(5)
  })

  it('leave time for what runs after them, however many there are', async () => {
    const ports = limited({ mails: { address: [], everyone: [{ limit: 2, minutes: 1 }] } })
    await startMany(ports, 4)
    stage.world.pass(60_000)
    let now = 0
    // Each mail takes long.
    await mailQueuedCodes({ ...ports, monotonic: () => (now += 20_000) })
    expect(mailed()).toHaveLength(3)
    expect(await ports.signupMails.queued(10)).toHaveLength(1)
  })

  it('are dropped once their sign-up has expired', async () => {
    const ports = limited()
    await startMany(ports, 3)
    stage.world.pass(15 * 60_000)
    await mailQueuedCodes(ports)
    expect(mailed()).toHaveLength(2)
    expect(await ports.signupMails.queued(10)).toEqual([])
  })

  it('stay in the queue while mail fails, and hold up no other', async () => {
    const ports = limited()
    await startMany(ports, 4)
    let failures = 0
    const failing = {
      ...ports,
      mailer: {
        send: async (message: Parameters<typeof ports.mailer.send>[0]) => {
          if (message.to === 'ada-2@example.com' && failures++ === 0) throw new Error('refused')
          await ports.mailer.send(message)
        },
      },
    }
    await expect(mailQueuedCodes(failing)).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(mailed()).toContain('ada-3@example.com')
    stage.world.pass(60_000)
    await mailQueuedCodes(failing)
    expect(mailed()).toContain('ada-2@example.com')
  })

  it('include those of repeated requests to an address that gets no further ones', async () => {
    const mails = { address: [{ limit: 2, minutes: 15 }], everyone: [{ limit: 3, minutes: 1 }] }
    const ports = limited({ mails })
    const ada = { email: 'ada@example.com', sourceIp }
    await startSignup(ports, ada)
    await startSignup(ports, ada)
    stage.world.outage = new Error('the mail server is away')
    const repeated = { email: 'ida@example.com', sourceIp, idempotencyKey: 'one' }
    await expect(startSignup(ports, repeated)).rejects.toThrow('away')
    stage.world.outage = undefined
    await startSignup(ports, { ...repeated, idempotencyKey: 'two' })
    expect(mailed()).toEqual(['ada@example.com', 'ada@example.com'])
    await startSignup(ports, repeated)
    expect(mailed()).toHaveLength(2)
    expect(await ports.signupMails.queued(10)).toHaveLength(2)
  })

  it('do not count those of this machine', async () => {
    await startMany(limited({ limitLoopback: false }), 4, { sourceIp: '127.0.0.1' })
    expect(mailed()).toHaveLength(4)
  })
})

describe('twenty sign-ups of one address at the same moment', () => {
  const burst = (ports: ReturnType<typeof limited>) =>
    Promise.all(Array.from({ length: 20 }, () => startSignup(ports, { email: 'ada@example.com', sourceIp })))

  it.each([1, 2, 5])('get %i mails where that is the limit, and all have the code of one', async (limit) => {
    const ports = limited({ mails: { address: [{ limit, minutes: 15 }], everyone: [] } })
    const signups = await burst(ports)
    expect(mailed()).toHaveLength(limit)
    const codes = [...stage.world.mails.values()].map(({ code }) => code ?? '')
    for (const { id, codeHash } of signups) {
      const sharing = (await ports.signups.get(id))?.sharesCodeOf ?? id
      expect(codes.some((code) => codeMatches(codeHash, 'secret', id, code))).toBe(true)
      expect(stage.world.mails.has(sharing.replace('sgn_', 'msg_'))).toBe(true)
    }
  })

  it('get one more if the code of the last mail was used', async () => {
    const ports = limited({ mails: { address: [{ limit: 1, minutes: 15 }], everyone: [] } })
    const { id } = await startSignup(ports, { email: 'ada@example.com', sourceIp })
    await verifySignup(ports, { id, code: stage.world.lastCode(), sourceIp })
    await burst(ports)
    expect(mailed()).toHaveLength(2)
  })
})

describe('a mail that failed', () => {
  it('is not what a later sign-up shares the code of', async () => {
    const ports = limited({ mails: { address: [{ limit: 1, minutes: 15 }], everyone: [] } })
    stage.world.outage = new Error('the disk is full')
    await expect(startMany(ports, 1)).rejects.toThrow('the disk is full')
    stage.world.outage = undefined
    await startMany(ports, 1)
    expect(mailed()).toEqual(['ada-0@example.com'])
    await startMany(ports, 1)
    expect(mailed()).toHaveLength(1)
  })
})
