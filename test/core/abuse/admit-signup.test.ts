import { describe, expect, it } from 'vitest'
import type { AbusePolicy } from '../../../core/abuse/abuse-policy.ts'
import { admitSignup } from '../../../core/abuse/admit-signup.ts'
import type { Challenge, Proof } from '../../../core/abuse/challenge.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { countedWindows } from '../../support/counted-windows.ts'
import { unlimited } from '../../support/signing-up.ts'

const stranger = '192.0.2.1'
const challengeUntil = (expiresAt: string): Challenge => ({
  parameters: {
    algorithm: 'PBKDF2/SHA-256',
    cost: 1,
    data: { expiresAt },
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
  const abuse: AbusePolicy = {
    ...unlimited,
    limitLoopback: false,
    ...change,
    signups: { ...unlimited.signups, ...change.signups },
    proofOfWork: { ...unlimited.proofOfWork, ...change.proofOfWork },
  }
  const ports = {
    abuse,
    disposableDomains: new Set(['mailinator.com']),
    rateWindows,
    clocks: { wall: () => now, domain: () => '2030-01-01T00:00:00.000Z' },
    codeSecret: 's',
    proofOfWork: {
      challenge: async (expiresAt: string) => challengeUntil(expiresAt),
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
    solved: (): Proof => ({
      challenge: challengeUntil(plusMilliseconds(now, 5 * 60_000)),
      solution: { counter: 0, derivedKey: '01' },
    }),
    pass: (milliseconds: number) => {
      now = plusMilliseconds(now, milliseconds)
    },
  }
}

const once = [{ limit: 1, minutes: 10 }]
const networks = Array.from({ length: 10 }, (_, index) => `192.0.2.${index}`)

describe('a sign-up is limited', () => {
  it('per address, however it is spelt and wherever it comes from', async () => {
    const { ask } = gate({ signups: { address: once } })
    expect(await ask('Ada.L@gmail.com', networks[1])).toBe('admitted')
    expect(await ask('adal+x@googlemail.com', networks[2])).toBe('RateLimited')
    expect(await ask('grace@gmail.com', networks[2])).toBe('admitted')
  })

  it('per mail domain, subdomains included, but not where anybody gets a mailbox', async () => {
    const { ask } = gate({ signups: { mailDomain: once }, sharedMailDomains: ['gmail.com'] })
    expect(await ask('a@one.example.com', networks[1])).toBe('admitted')
    expect(await ask('b@two.example.com', networks[2])).toBe('RateLimited')
    expect(await ask('a@gmail.com')).toBe('admitted')
    expect(await ask('b@gmail.com')).toBe('admitted')
  })

  it('per network, an IPv6 /64 being one', async () => {
    const { ask } = gate({ signups: { network: once } })
    expect(await ask('a@example.com', '2001:db8::1')).toBe('admitted')
    expect(await ask('b@example.com', '2001:db8::2')).toBe('RateLimited')
    expect(await ask('b@example.com', '2001:db8:0:1::2')).toBe('admitted')
  })

  it('for everyone together', async () => {
    const { ask } = gate({ signups: { everyone: once } })
    expect(await ask('a@example.com', networks[1])).toBe('admitted')
    expect(await ask('b@example.net', networks[2])).toBe('RateLimited')
  })

  it('by who asks first: a network that is over its limit uses nothing up for others', async () => {
    const { ask } = gate({ signups: { network: once, everyone: [{ limit: 2, minutes: 10 }], address: once } })
    expect(await ask('a@example.com')).toBe('admitted')
    for (let count = 0; count < 5; count += 1) expect(await ask('victim@example.com')).toBe('RateLimited')
    expect(await ask('victim@example.com', networks[2])).toBe('admitted')
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
    const { ask } = gate({ ...strict, limitLoopback: true })
    expect(await ask('a@example.com', '127.0.0.1')).toBe('ProofOfWorkRequired')
    expect(await ask('b@example.com', '127.0.0.1')).toBe('RateLimited')
  })
})

describe('proof of work', () => {
  it('is required once a network is beyond the part of its limit that is pressure', async () => {
    const { ask } = gate({
      signups: { network: [{ limit: 4, minutes: 10 }] },
      proofOfWork: { when: 'under-pressure', pressure: 0.5 },
    })
    expect([await ask('a@example.com'), await ask('b@example.com')]).toEqual(['admitted', 'admitted'])
    expect(await ask('c@example.com')).toBe('ProofOfWorkRequired')
    expect(await ask('c@example.com', networks[2])).toBe('admitted')
  })

  it('is asked of everybody once everyone together is', async () => {
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

  it('is taken otherwise', async () => {
    expect(await gate({}).ask('a@mailinator.com')).toBe('admitted')
  })
})
