import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { AbusePolicy } from '../../lambdas/signup/abuse/abuse-policy.ts'
import { unlimited } from '../support/signing-up.ts'
import { makeKnown, openStrictStage, startSignup, verify, wrongCode } from './strangers.ts'

let mailsBefore: number

const policy: { -readonly [Name in keyof AbusePolicy]: AbusePolicy[Name] } = { ...unlimited }

/** From here on this holds, and nothing besides. */
const limitTo = (abuse: Partial<AbusePolicy>): void => {
  Object.assign(policy, unlimited, abuse)
}

const minutes = (count: number): number => count * 60_000

let passed = 0
const pass = (milliseconds: number): void => {
  passed += milliseconds
  stage.turnClock(milliseconds)
}

const stage = await openStrictStage(policy)
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  mailsBefore = stage.mails.length
  // The next day at half past nine: the windows of earlier tests have ended, and those of ten minutes begin.
  const day = minutes(24 * 60)
  pass(day - (passed % day))
})

const mailed = (): number => stage.mails.length - mailsBefore
const type = ({ json }: { json: Record<string, unknown> }): unknown => json['type']

describe('sign-ups beyond a limit', () => {
  it('are answered 429 with the seconds to wait, and let in after as many', async () => {
    limitTo({ signups: { ...unlimited.signups, address: [{ limit: 1, minutes: 10 }] } })
    pass(minutes(3))
    expect((await startSignup(stage, 'ada@example.com')).status).toBe(201)
    const refused = await startSignup(stage, 'ada@example.com')
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'retry-after': '420' },
      json: {
        type: 'urn:sitewright:problem:rate-limited',
        title: 'Too many requests',
        status: 429,
        detail: 'Too many requests. Try again in 7 minutes.',
        retryAfterSeconds: 420,
      },
    })
    pass(420_000 - 1)
    expect((await startSignup(stage, 'ada@example.com')).status).toBe(429)
    pass(1)
    expect((await startSignup(stage, 'ada@example.com')).status).toBe(201)
  })

  it('are as many as the limit says when they come all at once, and only they get a mail', async () => {
    limitTo({ signups: { ...unlimited.signups, network: [{ limit: 7, minutes: 10 }] } })
    const people = Array.from({ length: 30 }, (_, index) => `person-${index}@example.com`)
    const answers = await Promise.all(people.map((email) => startSignup(stage, email)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(7)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(23)
    expect(mailed()).toBe(7)
  })

  it('are refused in the same words, known or unknown', async () => {
    limitTo({ signups: { ...unlimited.signups, address: [{ limit: 1, minutes: 10 }] } })
    await makeKnown(stage, 'known@example.com')
    await startSignup(stage, 'unknown@example.com')
    const [known, unknown] = [
      await startSignup(stage, 'known@example.com'),
      await startSignup(stage, 'unknown@example.com'),
    ]
    expect(known.status).toBe(429)
    expect(known).toEqual(unknown)
  })

  it('are refused without a word about the address in the log', async () => {
    limitTo({ signups: { ...unlimited.signups, address: [{ limit: 1, minutes: 10 }] } })
    for (let count = 0; count < 2; count += 1) await startSignup(stage, 'discreet@example.com')
    expect(stage.logLines.join('\n')).toContain('RateLimited')
    expect(stage.logLines.join('\n')).not.toMatch(/discreet|192\.0\.2/)
  })
})

describe('mails to one address', () => {
  const mails = {
    address: [
      { limit: 3, minutes: 15 },
      { limit: 5, minutes: 1440 },
    ],
    everyone: [],
  }
  const from = (index: number) => ({ sourceIp: `198.51.100.${index}` })

  it('have a ceiling: beyond it the answer is the same, no mail goes out, and the mailed code is valid', async () => {
    limitTo({ mails })
    for (let count = 1; count <= 50; count += 1) {
      expect((await startSignup(stage, 'ada@example.com', from(count))).status).toBe(201)
    }
    expect(mailed()).toBe(3)
    const own = await startSignup(stage, 'ada@example.com')
    expect(own.status).toBe(201)
    expect((await verify(stage, String(own.json['id']), stage.codeFor('ada@example.com'))).status).toBe(200)
    expect(mailed()).toBe(3)
  })

  it('give another code once the mailed one was used, whichever sign-up used it', async () => {
    limitTo({ mails })
    for (let count = 1; count <= 4; count += 1) await startSignup(stage, 'ada@example.com', from(count))
    const mailedCode = stage.codeFor('ada@example.com')
    const own = await startSignup(stage, 'ada@example.com')
    expect((await verify(stage, String(own.json['id']), mailedCode)).status).toBe(200)
    const stranger = await startSignup(stage, 'ada@example.com', from(9))
    expect(mailed()).toBe(4)
    const again = await verify(stage, String(stranger.json['id']), mailedCode, from(9).sourceIp)
    expect(type(again)).toBe('urn:sitewright:problem:code-wrong')
  })

  it('go out again in the next window, and beyond the longest one the last code stays valid to its end', async () => {
    limitTo({ mails })
    for (let count = 1; count <= 4; count += 1) await startSignup(stage, 'ada@example.com')
    pass(minutes(15))
    for (let count = 1; count <= 4; count += 1) await startSignup(stage, 'ada@example.com')
    expect(mailed()).toBe(5)
    pass(minutes(10 * 60))
    const own = await startSignup(stage, 'ada@example.com')
    expect(mailed()).toBe(5)
    expect((await verify(stage, String(own.json['id']), stage.codeFor('ada@example.com'))).status).toBe(200)
  })

  it('leave the right code valid while another network tries wrong ones', async () => {
    limitTo({ mails })
    for (let count = 1; count <= 10; count += 1) {
      const { json } = await startSignup(stage, 'ada@example.com', from(1))
      for (let tries = 0; tries < 6; tries += 1) {
        await verify(stage, String(json['id']), wrongCode(stage.codeFor('ada@example.com')), '198.51.100.1')
      }
    }
    const own = await startSignup(stage, 'ada@example.com')
    expect((await verify(stage, String(own.json['id']), stage.codeFor('ada@example.com'))).status).toBe(200)
  })

  it('give all networks together 25 tries on a code that sign-ups share', async () => {
    limitTo({ mails: { address: [{ limit: 1, minutes: 1440 }], everyone: [] } })
    await startSignup(stage, 'first@example.com')
    await startSignup(stage, 'first@example.com')
    const wrong = wrongCode(stage.codeFor('first@example.com'))
    const answers: unknown[] = []
    for (let network = 1; network <= 10; network += 1) {
      const { json } = await startSignup(stage, 'first@example.com', from(network))
      for (let tries = 0; tries < 5; tries += 1) {
        answers.push(type(await verify(stage, String(json['id']), wrong, from(network).sourceIp)))
      }
    }
    expect(answers.filter((answer) => answer === 'urn:sitewright:problem:code-wrong')).toHaveLength(25)
  })

  it('bring the code where it was never mailed', async () => {
    limitTo({ mails: { address: [{ limit: 1, minutes: 1440 }], everyone: [] } })
    await startSignup(stage, 'ada@example.com')
    pass(minutes(1440))
    await startSignup(stage, 'grace@example.com')
    expect(mailed()).toBe(2)
  })
})

interface SignedUp {
  readonly id: string
  readonly code: string
}

describe('mails to plus addresses of one mailbox', () => {
  const mails = { address: [{ limit: 3, minutes: 1440 }], everyone: [] }
  const plus = (index: number) =>
    startSignup(stage, `ada+${index}@company.example`, { sourceIp: `198.51.100.${index}` })

  it('have one ceiling together, and the answer is the same beyond it', async () => {
    limitTo({ mails })
    for (let index = 1; index <= 20; index += 1) expect((await plus(index)).status).toBe(201)
    expect(mailed()).toBe(3)
  })

  it('keep out neither the mailbox itself nor a plus address that has an account', async () => {
    limitTo({ mails })
    await makeKnown(stage, 'ada+own@company.example')
    for (let index = 1; index <= 20; index += 1) await plus(index)
    const before = mailed()
    await startSignup(stage, 'ada@company.example')
    await startSignup(stage, 'ada+own@company.example')
    expect(mailed()).toBe(before + 2)
  })
})

describe('many accounts from one network', () => {
  it('are logged once, with the network', async () => {
    limitTo({})
    for (let index = 0; index < 105; index += 1) {
      const email = `person-${index}@class.example`
      const { json } = await startSignup(stage, email, { sourceIp: '203.0.113.9' })
      expect((await verify(stage, String(json['id']), stage.codeFor(email), '203.0.113.9')).status).toBe(200)
    }
    const lines = stage.logLines.filter((line) => line.includes('many-accounts-of-network'))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ network: '203.0.113.9', accounts: 100 }])
  })
})

describe('guessing a code', () => {
  it('makes the proof of work of everybody harder', async () => {
    const proofOfWork = {
      ...unlimited.proofOfWork,
      when: 'under-pressure',
      wrongCodes: [{ limit: 4, minutes: 10 }],
    } as const
    limitTo({ proofOfWork })
    const difficulty = async (): Promise<unknown> => {
      const { status, json } = await startSignup(stage, 'bea@example.com', { sourceIp: '198.51.100.200' })
      const challenge = json['challenge'] as { parameters: { data: { difficulty?: number } } } | undefined
      return status === 201 ? 'none' : (challenge?.parameters.data.difficulty ?? 1)
    }
    const { json } = await startSignup(stage, 'ada@example.com')
    const seen = [await difficulty()]
    for (let index = 1; index <= 8; index += 1) {
      await verify(stage, String(json['id']), 'BBBB-BBBB', `198.51.100.${index}`)
      seen.push(await difficulty())
    }
    expect(seen).toEqual(['none', 'none', 'none', 1, 2, 2, 2, 2, 4])
  })

  const signUp = async (email: string): Promise<SignedUp> => {
    const { json } = await startSignup(stage, email)
    return { id: String(json['id']), code: stage.codeFor(email) }
  }

  it('does not end by starting other sign-ups: not even the right code is checked', async () => {
    limitTo({ codeTries: { address: [{ limit: 12, minutes: 10 }], network: [] } })
    const signups: SignedUp[] = []
    for (let count = 0; count < 4; count += 1) signups.push(await signUp('ada@example.com'))
    const answers: Awaited<ReturnType<typeof verify>>[] = []
    for (const { id, code } of signups.slice(0, 3)) {
      for (let tries = 0; tries < 4; tries += 1) answers.push(await verify(stage, id, wrongCode(code)))
    }
    expect(answers.map(type)).toEqual(Array.from({ length: 12 }, () => 'urn:sitewright:problem:code-wrong'))
    const [last] = signups.slice(3)
    const answer = await verify(stage, last?.id ?? '', last?.code ?? '')
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '600' } })
    pass(minutes(10))
    expect((await verify(stage, last?.id ?? '', last?.code ?? '')).status).toBe(200)
  })

  it('does not end in other spellings of the address, or by many at once', async () => {
    limitTo({ codeTries: { address: [{ limit: 6, minutes: 10 }], network: [] } })
    const spellings = ['ada@gmail.com', 'a.da@gmail.com', 'ADA+1@googlemail.com', 'ada+2@gmail.com']
    const signups: SignedUp[] = []
    for (const email of spellings) signups.push(await signUp(email))
    const answers = await Promise.all(
      signups.flatMap(({ id, code }) => [1, 2, 3, 4, 5].map(() => verify(stage, id, wrongCode(code)))),
    )
    const ofType = (kind: string) => answers.filter((answer) => type(answer) === `urn:sitewright:problem:${kind}`)
    expect(ofType('code-wrong')).toHaveLength(6)
    expect(ofType('rate-limited')).toHaveLength(14)
  })

  it('from one network never blocks the right code from another', async () => {
    limitTo({ codeTries: { address: [{ limit: 20, minutes: 60 }], network: [{ limit: 200, minutes: 10 }] } })
    const ada = await signUp('ada@example.com')
    for (let tries = 0; tries < 30; tries += 1) {
      const other = tries % 2 === 0 ? ada : await signUp('ada@example.com')
      await verify(stage, other.id, wrongCode(other.code), '198.51.100.1')
    }
    expect((await verify(stage, ada.id, ada.code, '198.51.100.1')).status).not.toBe(200)
    expect((await verify(stage, ada.id, ada.code, '198.51.100.2')).status).toBe(200)
  })

  it('holds nobody else up', async () => {
    limitTo({ codeTries: { address: [{ limit: 1, minutes: 10 }], network: [] } })
    const [ada, grace] = [await signUp('ada@example.com'), await signUp('grace@example.com')]
    for (let tries = 0; tries < 2; tries += 1) await verify(stage, ada.id, wrongCode(ada.code))
    expect((await verify(stage, grace.id, grace.code)).status).toBe(200)
  })

  it('ends for a network that tries many addresses, before any sign-up is read', async () => {
    limitTo({ codeTries: { address: [], network: [{ limit: 3, minutes: 10 }] } })
    const signups: SignedUp[] = []
    for (let count = 0; count < 4; count += 1) signups.push(await signUp(`person-${count}@example.com`))
    const statuses: number[] = []
    for (const { id, code } of signups) statuses.push((await verify(stage, id, wrongCode(code))).status)
    expect(statuses).toEqual([422, 422, 422, 429])
    expect((await verify(stage, 'sgn_01jq3v5k8m0000000000000000', '000000')).status).toBe(429)
    const [first] = signups
    expect((await verify(stage, first?.id ?? '', first?.code ?? '', '198.51.100.1')).status).toBe(200)
  })
})

describe('a disposable mail domain', () => {
  it('is refused with the field that is at fault, and nothing is mailed', async () => {
    limitTo({ refuseDisposableMail: true, disposableMailDomains: ['throw.example'] })
    const answer = await startSignup(stage, 'ada@throw.example')
    expect(answer).toMatchObject({
      status: 422,
      json: { type: 'urn:sitewright:problem:mail-domain-refused', errors: [{ path: 'email' }] },
    })
    expect(mailed()).toBe(0)
  })
})
