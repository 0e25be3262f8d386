import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { tokenHash } from '../../../core/digest.ts'
import { emailHash } from '../../../core/email.ts'
import type { SignupId } from '../../../core/ids.ts'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { linkCodeOf } from '../../../lambdas/signup/signup.ts'
import { startSignup } from '../../../lambdas/signup/start-signup.ts'
import { verifySignup as verifyFrom } from '../../../lambdas/signup/verify-signup.ts'
import { countedWindows } from '../../support/counted-windows.ts'
import { openSigningUp, type SigningUp, unlimited } from '../../support/signing-up.ts'

const sourceIp = '192.0.2.1'
const verifySignup = (ports: SigningUp['ports'], id: SignupId, code: string) =>
  verifyFrom(ports, { id, code, sourceIp })
let addresses = 0

const stage = await openSigningUp()
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  stage.world.mails.clear()
})

const newAddress = (): string => {
  addresses += 1
  return `robin-${addresses}@example.com`
}
const start = (email = newAddress(), change: object = {}) => startSignup(stage.ports, { email, sourceIp, ...change })

describe('the right code', () => {
  it('opens a session for thirty days, and an account for a new address', async () => {
    const signup = await start(newAddress(), { name: 'Robin', company: 'Acme', acceptedTerms: true })
    const { session, token } = await verifySignup(stage.ports, signup.id, stage.world.lastCode())
    expect(Date.parse(session.expiresAt) - Date.parse(stage.world.now)).toBe(30 * 86_400_000)
    expect(await stage.ports.sessions.find(tokenHash(token), stage.world.now)).toEqual(session)
    expect(await stage.ports.accounts.getOwner(session.accountId)).toMatchObject({
      id: session.personId,
      email: signup.email,
      name: 'Robin',
      termsAcceptedAt: stage.world.now,
    })
  })

  it('hands out a token that is stored nowhere', async () => {
    const signup = await start()
    const { session, token } = await verifySignup(stage.ports, signup.id, stage.world.lastCode())
    expect(token).toHaveLength(43)
    expect(JSON.stringify(session)).not.toContain(token)
  })

  it('points to the same account when signing in again, with a session of its own', async () => {
    const email = newAddress()
    const first = await verifySignup(stage.ports, (await start(email)).id, stage.world.lastCode())
    const again = await verifySignup(stage.ports, (await start(email.toUpperCase())).id, stage.world.lastCode())
    expect(again.session.accountId).toBe(first.session.accountId)
    expect(again.token).not.toBe(first.token)
  })

  it('signs in also where the consent to marketing cannot be stored', async () => {
    const email = newAddress()
    await verifySignup(stage.ports, (await start(email)).id, stage.world.lastCode())
    const { id } = await start(email, { marketingConsent: 'sign-up-1' })
    const ports = { ...stage.ports, accountChanges: { commit: () => Promise.reject(new Error('gone')) } }
    const { session } = await verifySignup(ports, id, stage.world.lastCode())
    expect(await stage.ports.accounts.get(session.accountId)).not.toHaveProperty('marketing')
  })

  it('of two sign-ups of one new address at the same moment opens one account', async () => {
    const email = newAddress()
    const signups: { id: SignupId; code: string }[] = []
    for (let count = 0; count < 3; count += 1) {
      const { id } = await start(email)
      signups.push({ id, code: stage.world.lastCode() })
    }
    const results = await Promise.all(signups.map(({ id, code }) => verifySignup(stage.ports, id, code)))
    expect(new Set(results.map(({ session }) => session.accountId)).size).toBe(1)
  })

  it('works once', async () => {
    const { id } = await start()
    const code = stage.world.lastCode()
    const results = await Promise.allSettled(Array.from({ length: 3 }, () => verifySignup(stage.ports, id, code)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(verifySignup(stage.ports, id, code)).rejects.toMatchObject({ kind: 'CodeExpired' })
  })

  it('is invalid after five wrong ones for their network, and valid from another', async () => {
    const { id } = await start()
    const code = stage.world.lastCode()
    for (let tries = 1; tries <= 20; tries += 1) {
      await expect(verifySignup(stage.ports, id, stage.world.wrongCode())).rejects.toThrow()
    }
    await expect(verifyFrom(stage.ports, { id, code, sourceIp: '192.0.2.2' })).resolves.toBeDefined()
  })

  it('of another sign-up of the same address is a wrong one', async () => {
    const email = newAddress()
    const first = await start(email)
    await start(email)
    await expect(verifySignup(stage.ports, first.id, stage.world.lastCode())).rejects.toMatchObject({
      kind: 'CodeWrong',
    })
  })
})

describe('the code of the link', () => {
  const elsewhere = '192.0.2.2'

  it('signs in after wrong codes have used up all tries, once', async () => {
    const { id } = await start()
    const wrong = stage.world.wrongCode()
    for (let network = 1; network <= 6; network += 1) {
      for (let tries = 1; tries <= 5; tries += 1) {
        await expect(verifyFrom(stage.ports, { id, code: wrong, sourceIp: `198.51.100.${network}` })).rejects.toThrow()
      }
    }
    await expect(verifySignup(stage.ports, id, stage.world.lastCode())).rejects.toMatchObject({ kind: 'CodeExhausted' })
    const code = linkCodeOf('secret', id)
    await expect(verifyFrom(stage.ports, { id, code, sourceIp: elsewhere })).resolves.toBeDefined()
    await expect(verifySignup(stage.ports, id, code)).rejects.toMatchObject({ kind: 'CodeExpired' })
  })

  it('of the last mail signs in while many networks have used up the mails and the tries, once', async () => {
    const email = newAddress()
    const abuse = { ...unlimited, mails: { address: [{ limit: 2, minutes: 1440 }], everyone: [] } }
    const kept: unknown[] = []
    const create: typeof stage.ports.signups.create = async (signup, key, options) => {
      const result = await stage.ports.signups.create(signup, key, options)
      if (result === 'created') kept.push(options?.keptUntil)
      return result
    }
    const ports = { ...stage.ports, abuse, signups: { ...stage.ports.signups, create } }
    await startSignup(ports, { email, sourceIp })
    const last = await startSignup(ports, { email, sourceIp })
    stage.world.pass(16 * 60_000)
    const shared = await startSignup(ports, { email, sourceIp })
    for (let network = 1; network <= 26; network += 1) {
      const guess = { id: shared.id, code: stage.world.wrongCode(), sourceIp: `198.51.100.${network}` }
      await verifyFrom(ports, guess).catch(() => undefined)
    }
    const byCode = verifySignup(ports, shared.id, stage.world.lastCode())
    await expect(byCode).rejects.toMatchObject({ kind: 'CodeExhausted' })
    expect(kept).toEqual([undefined, plusMilliseconds(plusDays(last.createdAt, 1), 15 * 60_000), undefined])
    const link = linkCodeOf('secret', last.id)
    await expect(verifySignup(ports, last.id, link)).resolves.toMatchObject({ session: { email } })
    await expect(verifySignup(ports, last.id, link)).rejects.toMatchObject({ kind: 'CodeExpired' })
  })

  it('is too old after 15 minutes, and wrong for another sign-up', async () => {
    const [first, second] = [await start(), await start()]
    const code = linkCodeOf('secret', first.id)
    await expect(verifySignup(stage.ports, second.id, code)).rejects.toMatchObject({ kind: 'CodeWrong' })
    stage.world.pass(15 * 60_000)
    await expect(verifySignup(stage.ports, first.id, code)).rejects.toMatchObject({ kind: 'CodeExpired' })
  })
})

describe('a code that sign-ups share', () => {
  const abuse = { ...unlimited, mails: { address: [{ limit: 1, minutes: 1440 }], everyone: [] } }
  const ports = { ...stage.ports, abuse }

  const share = async () => {
    const email = newAddress()
    const mailed = await startSignup(ports, { email, sourceIp })
    const code = stage.world.lastCode()
    const sharing = [await startSignup(ports, { email, sourceIp }), await startSignup(ports, { email, sourceIp })]
    expect(sharing.map(({ sharesCodeOf }) => sharesCodeOf)).toEqual([mailed.id, mailed.id])
    return { email, code, link: linkCodeOf('secret', mailed.id), ids: [mailed, ...sharing].map(({ id }) => id) }
  }

  it.each([
    ['the sign-up of the mail', 0, 'code'],
    ['the link of the mail', 0, 'link'],
    ['a later sign-up', 1, 'code'],
  ] as const)('works for none of them once %s has used it', async (_, at, how) => {
    const { code, link, ids } = await share()
    await verifySignup(ports, ids[at]!, how === 'code' ? code : link)
    for (const id of ids) {
      await expect(verifySignup(ports, id, code)).rejects.toMatchObject({ kind: 'CodeExpired' })
    }
    await expect(verifySignup(ports, ids[0]!, link)).rejects.toMatchObject({ kind: 'CodeExpired' })
    const guess = verifyFrom(ports, { id: ids[2]!, code: stage.world.wrongCode(), sourceIp: '192.0.2.2' })
    await expect(guess).rejects.toMatchObject({ kind: 'CodeWrong', message: expect.stringContaining('4 of 5') })
  })

  it('works for one of those that have it at the same moment', async () => {
    const { code, ids } = await share()
    const results = await Promise.allSettled(ids.map((id) => verifySignup(ports, id, code)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is another one after its use, also where its mail is noted late', async () => {
    const { email, code, ids } = await share()
    await verifySignup(ports, ids[1]!, code)
    await ports.signupMails.note({ id: ids[0]!, emailHash: emailHash(email) }, plusDays(stage.world.now, 1))
    const { id } = await startSignup(ports, { email, sourceIp })
    expect(stage.world.lastCode()).not.toBe(code)
    await expect(verifySignup(ports, id, stage.world.lastCode())).resolves.toBeDefined()
  })
})

describe('a wrong code', () => {
  it('reports the remaining tries, not the code', async () => {
    const { id } = await start()
    const wrong = verifySignup(stage.ports, id, stage.world.wrongCode())
    await expect(wrong).rejects.toMatchObject({
      kind: 'CodeWrong',
      message: 'The code is wrong. 4 of 5 tries are left.',
      fields: [{ path: 'code', message: 'is wrong' }],
    })
  })

  it('opens no account', async () => {
    const signup = await start()
    await expect(verifySignup(stage.ports, signup.id, stage.world.wrongCode())).rejects.toThrow()
    expect(await stage.ports.accounts.findByEmailHash(emailHash(signup.email))).toBeUndefined()
  })

  it('counts when many are sent at the same moment: no more than five are checked', async () => {
    const { id } = await start()
    const wrong = stage.world.wrongCode()
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => verifySignup(stage.ports, id, wrong)))
    const kinds = results.map((result) => (result.status === 'rejected' ? result.reason.kind : 'let in'))
    expect(kinds.filter((kind) => kind === 'CodeWrong')).toHaveLength(5)
    expect(kinds.filter((kind) => kind === 'CodeExhausted')).toHaveLength(4)
  })
})

describe('a try that is refused because its address had too many', () => {
  it('uses up none of the tries of its sign-up, and is let in later', async () => {
    const { id } = await start()
    const limited = {
      ...stage.ports,
      abuse: { ...unlimited, codeTries: { network: [], address: [{ limit: 1, minutes: 5 }] } },
    }
    await expect(verifySignup(limited, id, stage.world.wrongCode())).rejects.toMatchObject({ kind: 'CodeWrong' })
    for (let tries = 1; tries <= 5; tries += 1) {
      await expect(verifySignup(limited, id, stage.world.lastCode())).rejects.toMatchObject({ kind: 'RateLimited' })
    }
    expect(await stage.ports.signups.get(id)).toMatchObject({ tries: 1 })
    await expect(verifySignup(stage.ports, id, stage.world.lastCode())).resolves.toBeDefined()
  })

  it('is not counted against the address where its sign-up takes no more tries', async () => {
    const email = newAddress()
    const { id } = await start(email)
    await verifySignup(stage.ports, id, stage.world.lastCode())
    const windows = countedWindows()
    const limited = {
      ...stage.ports,
      rateWindows: windows,
      abuse: { ...unlimited, codeTries: { network: [], address: [{ limit: 1, minutes: 5 }] } },
    }
    await expect(verifySignup(limited, id, stage.world.lastCode())).rejects.toMatchObject({ kind: 'CodeExpired' })
    expect(windows.asked).toEqual([])
  })
})

describe('a sign-up that does not exist', () => {
  it('reports an expired code', async () => {
    const id = stage.ports.randomness.id('sgn')
    await expect(verifySignup(stage.ports, id, '000000')).rejects.toMatchObject({ kind: 'NotFound' })
  })
})
