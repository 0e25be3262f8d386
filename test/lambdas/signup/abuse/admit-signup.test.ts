import { describe, expect, it } from 'vitest'
import type { Challenge, Proof } from '../../../../core/challenge.ts'
import { SitewrightError } from '../../../../core/errors.ts'
import { plusMilliseconds } from '../../../../core/instant.ts'
import type { AbusePolicy } from '../../../../lambdas/signup/abuse/abuse-policy.ts'
import { admitSignup } from '../../../../lambdas/signup/abuse/admit-signup.ts'
import { countedWindows } from '../../../support/counted-windows.ts'
import { unlimited } from '../../../support/signing-up.ts'

const stranger = '192.0.2.1'
const challengeUntil = (expiresAt: string, difficulty = 1): Challenge => ({
  parameters: {
    algorithm: 'PBKDF2/SHA-256',
    cost: 1,
    data: { expiresAt, difficulty },
    keyLength: 32,
    keyPrefix: '00',
    keySignature: '00',
    nonce: '00',
    salt: '00',
  },
  signature: '00',
})

type Change = Omit<Partial<AbusePolicy>, 'signups' | 'proofOfWork'> & {
  readonly signups?: Partial<AbusePolicy['signups']>
  readonly proofOfWork?: Partial<AbusePolicy['proofOfWork']>
}

/** Lets sign-ups in under a policy; any proof is solved whose key says so. */
const gate = (change: Change) => {
  let now = '2026-03-01T12:00:00.000Z'
  const rateWindows = countedWindows()
  /** The difficulties of the challenges so far. */
  const asked: number[] = []
  let proofs = 0
  const abuse: AbusePolicy = {
    ...unlimited,
    limitLoopback: false,
    ...change,
    signups: { ...unlimited.signups, ...change.signups },
    proofOfWork: { ...unlimited.proofOfWork, ...change.proofOfWork },
  }
  const ports = {
    abuse,
    disposableDomains: new Set(['mailinator.com', 'gob.re']),
    accounts: { findByEmailHash: async () => undefined },
    rateWindows,
    clocks: { wall: () => now, domain: () => '2030-01-01T00:00:00.000Z' },
    codeSecret: async () => 's',
    proofOfWork: {
      challenge: async (expiresAt: string, difficulty: number) => {
        asked.push(difficulty)
        return challengeUntil(expiresAt, difficulty)
      },
      isSolved: async ({ solution }: Proof) => solution.derivedKey === '01',
    },
  }
  /** The kind of the refusal, or nothing. */
  const ask = async (email: string, sourceIp = stranger, proof?: Proof) => {
    try {
      await admitSignup(ports, { email, sourceIp, proof })
      return 'admitted'
    } catch (error) {
      if (error instanceof SitewrightError) return error.kind
      throw error
    }
  }
  return {
    ask,
    rateWindows,
    asked,
    /** The same one each time. */
    solved: (): Proof => ({
      challenge: challengeUntil(plusMilliseconds(now, 5 * 60_000)),
      solution: { counter: 0, derivedKey: '01' },
    }),
    /** A new one each time. */
    solvedAnew: (difficulty = 1): Proof => {
      proofs += 1
      const challenge = challengeUntil(plusMilliseconds(now, 5 * 60_000), difficulty)
      return { challenge: { ...challenge, signature: `${proofs}` }, solution: { counter: 0, derivedKey: '01' } }
    },
    pass: (milliseconds: number) => {
      now = plusMilliseconds(now, milliseconds)
    },
  }
}

const once = [{ limit: 1, minutes: 10 }]
const networks = Array.from({ length: 10 }, (_, index) => `192.0.2.${index}`)

describe('a sign-up is limited', () => {
  it('per address and network, however the address is spelt', async () => {
    const { ask } = gate({ signups: { address: once } })
    expect(await ask('Ada.L@gmail.com', networks[1])).toBe('admitted')
    expect(await ask('adal+x@googlemail.com', networks[1])).toBe('RateLimited')
    expect(await ask('adal@gmail.com', networks[2])).toBe('admitted')
    expect(await ask('grace@gmail.com', networks[1])).toBe('admitted')
  })

  it('per network, an IPv6 /64 being one', async () => {
    const { ask } = gate({ signups: { network: once } })
    expect(await ask('a@example.com', '2001:db8::1')).toBe('admitted')
    expect(await ask('b@example.com', '2001:db8::2')).toBe('RateLimited')
    expect(await ask('b@example.com', '2001:db8:0:1::2')).toBe('admitted')
  })

  it('per mail domain and for everyone only where no proof of work is ever asked', async () => {
    const ofDomain = gate({ signups: { mailDomain: once }, sharedMailDomains: ['gmail.com'] })
    expect(await ofDomain.ask('a@one.example.com', networks[1])).toBe('admitted')
    expect(await ofDomain.ask('b@two.example.com', networks[2])).toBe('RateLimited')
    expect(await ofDomain.ask('a@gmail.com')).toBe('admitted')
    expect(await ofDomain.ask('b@gmail.com')).toBe('admitted')
    const ofEveryone = gate({ signups: { everyone: once } })
    expect(await ofEveryone.ask('a@example.com', networks[1])).toBe('admitted')
    expect(await ofEveryone.ask('b@example.net', networks[2])).toBe('RateLimited')
  })

  it('by who asks first: a network that is over its limit uses nothing up for others', async () => {
    const { ask } = gate({ signups: { network: once, everyone: [{ limit: 2, minutes: 10 }], address: once } })
    expect(await ask('a@example.com')).toBe('admitted')
    for (let count = 0; count < 5; count += 1) expect(await ask('victim@example.com')).toBe('RateLimited')
    expect(await ask('victim@example.com', networks[2])).toBe('admitted')
  })
})

describe('where proofs of work are asked, a sign-up', () => {
  const proven = { proofOfWork: { when: 'under-pressure', pressure: 0.5 } } as const

  it('of one network is limited by those with a proof alone', async () => {
    const { ask, solvedAnew } = gate({ ...proven, signups: { network: [{ limit: 2, minutes: 10 }] } })
    expect(await ask('a@example.com')).toBe('admitted')
    for (let count = 0; count < 5; count += 1) expect(await ask('a@example.com')).toBe('ProofOfWorkRequired')
    expect(await ask('a@example.com', stranger, solvedAnew())).toBe('admitted')
    expect(await ask('b@example.com', stranger, solvedAnew())).toBe('admitted')
    expect(await ask('c@example.com', stranger, solvedAnew())).toBe('RateLimited')
  })

  it.each([
    ['its mail domain', { mailDomain: [{ limit: 4, minutes: 10 }] }],
    ['everyone', { everyone: [{ limit: 4, minutes: 10 }] }],
  ])('is never refused for the limit of %s: the proof gets harder', async (_what, signups) => {
    const { ask, asked, solvedAnew } = gate({ ...proven, signups })
    for (let count = 0; count < 100; count += 1) await ask(`a${count}@example.com`, networks[count % 10])
    expect(asked.at(-1)).toBe(1)
    const difficulties: (number | undefined)[] = []
    for (let count = 0; count < 24; count += 1) {
      await ask(`b${count}@example.com`, networks[count % 10])
      difficulties.push(asked.at(-1))
      expect(await ask(`b${count}@example.com`, networks[count % 10], solvedAnew(asked.at(-1)))).toBe('admitted')
    }
    expect(difficulties).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, ...Array<number>(8).fill(16)])
  })

  it('of another mail domain is not made harder', async () => {
    const { ask, asked, solvedAnew } = gate({ proofOfWork: { when: 'always' }, signups: { mailDomain: once } })
    for (let count = 0; count < 3; count += 1) await ask('a@example.com', stranger, solvedAnew(16))
    await ask('a@example.com')
    await ask('a@example.net')
    expect(asked).toEqual([8, 1])
  })

  it('may be as hard as the step before, since the difficulty can grow meanwhile', async () => {
    const { ask, solvedAnew } = gate({ proofOfWork: { when: 'always' }, signups: { everyone: once } })
    for (let count = 0; count < 2; count += 1)
      expect(await ask('a@example.com', stranger, solvedAnew(2))).toBe('admitted')
    expect(await ask('a@example.com', stranger, solvedAnew(1))).toBe('ProofOfWorkRequired')
    expect(await ask('a@example.com', stranger, solvedAnew(2))).toBe('admitted')
  })
})

describe('this machine', () => {
  const strict: Change = {
    signups: { network: once, everyone: once, mailDomain: once, address: [{ limit: 2, minutes: 10 }] },
    proofOfWork: { when: 'always' },
  }

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    '(%s) is limited per address only, and asked for no proof',
    async (ip) => {
      const { ask } = gate(strict)
      expect(await ask('a@example.com', ip)).toBe('admitted')
      expect(await ask('a@example.com', ip)).toBe('admitted')
      expect(await ask('b@example.com', ip)).toBe('admitted')
      expect(await ask('a@example.com', ip)).toBe('RateLimited')
    },
  )

  it('is like any other where the configuration says so', async () => {
    const { ask, solvedAnew } = gate({ ...strict, limitLoopback: true })
    expect(await ask('a@example.com', '127.0.0.1')).toBe('ProofOfWorkRequired')
    expect(await ask('a@example.com', '127.0.0.1', solvedAnew())).toBe('admitted')
    expect(await ask('b@example.com', '127.0.0.1', solvedAnew(2))).toBe('RateLimited')
  })
})

describe('proof of work', () => {
  it('is asked of a network once more of its sign-ups arrive than pressure allows', async () => {
    const { ask } = gate({
      signups: { network: [{ limit: 4, minutes: 10 }] },
      proofOfWork: { when: 'under-pressure', pressure: 0.5 },
    })
    expect([await ask('a@example.com'), await ask('b@example.com')]).toEqual(['admitted', 'admitted'])
    expect(await ask('c@example.com')).toBe('ProofOfWorkRequired')
    expect(await ask('c@example.com', networks[2])).toBe('admitted')
  })

  it('is asked of everybody once more sign-ups arrive than pressure allows', async () => {
    const { ask, pass } = gate({
      signups: { everyone: [{ limit: 4, minutes: 10 }] },
      proofOfWork: { when: 'under-pressure', pressure: 0.5 },
    })
    for (const network of networks.slice(0, 2)) expect(await ask('a@example.com', network)).toBe('admitted')
    expect(await ask('b@example.com', networks[5])).toBe('ProofOfWorkRequired')
    pass(10 * 60_000)
    expect(await ask('b@example.com', networks[5])).toBe('admitted')
  })

  it('counts nothing against an address until it is there', async () => {
    const { ask, solved } = gate({ signups: { address: once }, proofOfWork: { when: 'always' } })
    for (let count = 0; count < 3; count += 1) expect(await ask('a@example.com')).toBe('ProofOfWorkRequired')
    expect(await ask('a@example.com', stranger, solved())).toBe('admitted')
  })

  it('is good once, also for several requests at the same moment', async () => {
    const { ask, solved } = gate({ proofOfWork: { when: 'always' } })
    const answers = await Promise.all(networks.map((network) => ask('a@example.com', network, solved())))
    expect(answers.filter((answer) => answer === 'admitted')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'ProofOfWorkRequired')).toHaveLength(networks.length - 1)
  })

  it('is good until its end, to the millisecond', async () => {
    const early = gate({ proofOfWork: { when: 'always' } })
    const proof = early.solved()
    early.pass(5 * 60_000 - 1)
    expect(await early.ask('a@example.com', stranger, proof)).toBe('admitted')
    const late = gate({ proofOfWork: { when: 'always' } })
    late.pass(5 * 60_000)
    expect(await late.ask('a@example.com', stranger, proof)).toBe('ProofOfWorkRequired')
  })

  it('that is wrong is not used up', async () => {
    const { ask, solved } = gate({ proofOfWork: { when: 'always' } })
    const wrong = { ...solved(), solution: { counter: 0, derivedKey: '02' } }
    expect(await ask('a@example.com', stranger, wrong)).toBe('ProofOfWorkRequired')
    expect(await ask('a@example.com', stranger, solved())).toBe('admitted')
  })

  it('is never required where it is disabled', async () => {
    const { ask } = gate({ signups: { network: [{ limit: 3, minutes: 10 }] }, proofOfWork: { when: 'never' } })
    for (let count = 0; count < 3; count += 1) expect(await ask(`a${count}@example.com`)).toBe('admitted')
    expect(await ask('a@example.com')).toBe('RateLimited')
  })
})

describe('disposable mail', () => {
  it('is refused where the configuration says so, before anything is counted', async () => {
    const { ask, rateWindows } = gate({ refuseDisposableMail: true, signups: { network: once } })
    expect(await ask('a@mailinator.com')).toBe('MailDomainRefused')
    expect(rateWindows.asked).toEqual([])
    expect(await ask('a@example.com')).toBe('admitted')
  })

  it.each(['a@mail.gob.re', 'a@any.thing.co.cc'])(
    'is refused below a domain that looks like a registry: %s',
    async (email) => {
      const { ask } = gate({ refuseDisposableMail: true, disposableMailDomains: ['co.cc'] })
      expect(await ask(email)).toBe('MailDomainRefused')
    },
  )

  it('is taken otherwise', async () => {
    expect(await gate({}).ask('a@mailinator.com')).toBe('admitted')
  })
})
