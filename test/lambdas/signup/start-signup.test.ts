import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { SignupId } from '../../../core/ids.ts'
import { codeMatches } from '../../../lambdas/signup/signup.ts'
import { startSignup } from '../../../lambdas/signup/start-signup.ts'
import { verifySignup as verifyFrom } from '../../../lambdas/signup/verify-signup.ts'
import { openSigningUp, type SigningUp } from '../../support/signing-up.ts'

const sourceIp = '192.0.2.1'
const verifySignup = (ports: SigningUp['ports'], id: SignupId, code: string) =>
  verifyFrom(ports, { id, code, sourceIp })

const stage = await openSigningUp()
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  stage.world.mails.clear()
  stage.world.outage = undefined
})

const start = (email: string, change: object = {}) => startSignup(stage.ports, { email, sourceIp, ...change })

describe('starting a sign-up', () => {
  it('mails a code to the address as it was given, good for 15 minutes', async () => {
    const signup = await start('Robin@Example.com')
    expect([...stage.world.mails.values()]).toMatchObject([{ to: 'Robin@Example.com' }])
    expect(Date.parse(signup.expiresAt) - Date.parse(stage.world.now)).toBe(15 * 60_000)
  })

  it('stores the code as a hash and nowhere in the clear', async () => {
    const { id } = await start('robin@example.com')
    const stored = await stage.ports.signups.get(id)
    const code = stage.world.lastCode()
    expect(JSON.stringify(stored)).not.toContain(code)
    expect(codeMatches(stored?.codeHash ?? '', 'secret', id, code)).toBe(true)
  })

  it('keeps the given details and when the terms were accepted', async () => {
    const attribution = { source: 'newsletter' }
    const signup = await start('robin@example.com', {
      name: 'Robin',
      company: 'Acme',
      attribution,
      acceptedTerms: true,
    })
    expect(signup).toMatchObject({ name: 'Robin', company: 'Acme', attribution, termsAcceptedAt: stage.world.now })
    expect(await stage.ports.signups.get(signup.id)).toEqual(signup)
  })

  it('notes no acceptance of the terms where there was none', async () => {
    expect(await start('robin@example.com', { acceptedTerms: false })).not.toHaveProperty('termsAcceptedAt')
  })

  it('answers the same whether or not the address is known', async () => {
    const first = await start('known@example.com')
    await verifySignup(stage.ports, first.id, stage.world.lastCode())
    const [known, unknown] = [await start('known@example.com'), await start('unknown@example.com')]
    expect(Object.keys(known)).toEqual(Object.keys(unknown))
    expect(stage.world.mails.size).toBe(3)
  })

  it('from a disposable address is for those who have an account, once such addresses are refused', async () => {
    const { id } = await start('known@throw.example')
    await verifySignup(stage.ports, id, stage.world.lastCode())
    stage.world.mails.clear()
    const abuse = { ...stage.ports.abuse, refuseDisposableMail: true, disposableMailDomains: ['throw.example'] }
    const startLater = (email: string) => startSignup({ ...stage.ports, abuse }, { email, sourceIp })
    await expect(startLater('new@throw.example')).rejects.toMatchObject({ kind: 'MailDomainRefused' })
    expect(stage.world.mails.size).toBe(0)
    const again = await startLater('known@throw.example')
    await expect(verifySignup(stage.ports, again.id, stage.world.lastCode())).resolves.toBeDefined()
  })

  it('gives everybody a code of their own', async () => {
    const codes = new Set<string>()
    for (let count = 0; count < 5; count += 1) {
      await start('robin@example.com')
      codes.add(stage.world.lastCode())
    }
    expect(codes.size).toBeGreaterThan(3)
  })
})

describe('starting a sign-up with an Idempotency-Key', () => {
  it('twice is one sign-up and one mail', async () => {
    const first = await start('robin@example.com', { idempotencyKey: 'click-1' })
    expect(await start('robin@example.com', { idempotencyKey: 'click-1' })).toEqual(first)
    expect(stage.world.mails.size).toBe(1)
  })

  it('again after the mail could not be sent brings the mail, and its code is the right one', async () => {
    stage.world.outage = new Error('the disk is full')
    await expect(start('robin@example.com', { idempotencyKey: 'click-2' })).rejects.toThrow('the disk is full')
    stage.world.outage = undefined
    const signup = await start('robin@example.com', { idempotencyKey: 'click-2' })
    await expect(verifySignup(stage.ports, signup.id, stage.world.lastCode())).resolves.toBeDefined()
  })

  it('again after the code was used sends nothing more', async () => {
    const signup = await start('robin@example.com', { idempotencyKey: 'click-3' })
    await verifySignup(stage.ports, signup.id, stage.world.lastCode())
    stage.world.mails.clear()
    await start('robin@example.com', { idempotencyKey: 'click-3' })
    expect(stage.world.mails.size).toBe(0)
  })

  it('again once the sign-up has expired is a new one, whether or not the old one was removed by then', async () => {
    const first = await start('late@example.com', { idempotencyKey: 'click-6' })
    stage.world.pass(15 * 60_000)
    const second = await start('late@example.com', { idempotencyKey: 'click-6', name: 'Robin' })
    expect(second.id).not.toBe(first.id)
    expect(second.expiresAt > stage.world.now).toBe(true)
    stage.world.pass(15 * 60_000 + 2000)
    await stage.ports.removeExpired(stage.world.now)
    const third = await start('late@example.com', { idempotencyKey: 'click-6' })
    await expect(verifySignup(stage.ports, third.id, stage.world.lastCode())).resolves.toBeDefined()
  })

  it('for another request is refused', async () => {
    await start('robin@example.com', { idempotencyKey: 'click-4' })
    await expect(start('robin@example.com', { idempotencyKey: 'click-4', name: 'Eve' })).rejects.toMatchObject({
      kind: 'IdempotencyKeyReused',
    })
  })

  it('scopes a key to the address', async () => {
    const first = await start('one@example.com', { idempotencyKey: 'click-5' })
    const second = await start('two@example.com', { idempotencyKey: 'click-5' })
    expect(second.id).not.toBe(first.id)
  })
})
