import { createHash } from 'node:crypto'
import type { AdmitCodeTryPorts } from '../abuse/admit-signup.ts'
import { admitTryFor, admitTryFrom } from '../abuse/admit-signup.ts'
import type { AccountOpening } from '../account/account.ts'
import { SitewrightError } from '../errors.ts'
import type { SignupId } from '../ids.ts'
import { plusDays } from '../instant.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { AccountStore, SignupStore } from '../ports/stores.ts'
import type { Session, Signup } from './signup.ts'
import { codeMatches, sessionDays, signupTries } from './signup.ts'

export interface VerifySignupPorts extends AdmitCodeTryPorts {
  readonly signups: SignupStore
  readonly accounts: AccountStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly codeSecret: string
}

export interface VerifySignup {
  readonly id: SignupId
  readonly code: string
  readonly sourceIp: string
}

export interface SignedIn {
  readonly session: Session
  /** Returned once, never stored. */
  readonly token: string
}

export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Counts a try against the address if the sign-up still accepts one. */
const admitTryAt = async (ports: VerifySignupPorts, id: SignupId): Promise<void> => {
  const signup = await ports.signups.get(id)
  if (signup === undefined || signup.usedAt !== undefined) return
  if (signup.tries < signupTries && signup.expiresAt > ports.clocks.wall()) await admitTryFor(ports, signup)
}

const countTry = async ({ signups, clocks }: VerifySignupPorts, id: SignupId): Promise<Signup> => {
  const result = await signups.countTry(id, signupTries, clocks.wall())
  switch (result.outcome) {
    case 'counted':
      return result.signup
    case 'unknown':
      throw new SitewrightError('NotFound', 'There is no such sign-up. Request a new code.')
    case 'exhausted':
      throw new SitewrightError('CodeExhausted', 'There were too many wrong tries for this code. Request a new one.')
    case 'expired':
      throw new SitewrightError('CodeExpired', 'This code has expired. Request a new one.')
    case 'used':
      throw new SitewrightError('CodeExpired', 'This code was used already. Request a new one.')
  }
}

const opening = (signup: Signup, { clocks, randomness }: VerifySignupPorts): AccountOpening => {
  const createdAt = clocks.domain()
  const personId = randomness.id('prsn')
  const accountId = randomness.id('acct')
  return {
    person: {
      schemaVersion: 1,
      id: personId,
      email: signup.email,
      emailHash: signup.emailHash,
      createdAt,
      ...(signup.name === undefined ? {} : { name: signup.name }),
      ...(signup.timeZone === undefined ? {} : { timeZone: signup.timeZone }),
      ...(signup.termsAcceptedAt === undefined ? {} : { termsAcceptedAt: signup.termsAcceptedAt }),
    },
    account: {
      schemaVersion: 1,
      id: accountId,
      version: 1,
      ownerId: personId,
      createdAt,
      ...(signup.company === undefined ? {} : { company: signup.company }),
      ...(signup.attribution === undefined ? {} : { attribution: signup.attribution }),
    },
    event: {
      schemaVersion: 1,
      id: randomness.id('evt'),
      type: 'AccountOpened',
      aggregate: { type: 'account', id: accountId },
      version: 1,
      at: createdAt,
      actor: { kind: 'owner', personId },
      causationId: signup.id,
      data: { personId },
    },
  }
}

/**
 * Exchanges the code for a session, and opens the account of a new address.
 * @throws {SitewrightError} `NotFound`, `CodeWrong`, `CodeExpired`, `CodeExhausted`, `RateLimited`.
 */
export const verifySignup = async (
  ports: VerifySignupPorts,
  { id, code, sourceIp }: VerifySignup,
): Promise<SignedIn> => {
  await admitTryFrom(ports, sourceIp)
  await admitTryAt(ports, id)
  const signup = await countTry(ports, id)
  if (!codeMatches(signup.codeHash, ports.codeSecret, id, code)) {
    const left = signupTries - signup.tries
    throw new SitewrightError(
      'CodeWrong',
      left > 0
        ? `The code is wrong. ${left} of ${signupTries} tries are left.`
        : 'The code is wrong. Request a new one.',
      { fields: [{ path: 'code', message: 'is wrong' }] },
    )
  }
  const token = ports.randomness.token()
  const now = ports.clocks.wall()
  // A second round if somebody else has just opened the account.
  for (let round = 1; round <= 2; round += 1) {
    const known = await ports.accounts.findByEmailHash(signup.emailHash)
    const fresh = opening(signup, ports)
    const identity = known ?? { personId: fresh.person.id, accountId: fresh.account.id }
    const session: Session = {
      schemaVersion: 1,
      tokenHash: tokenHash(token),
      ...identity,
      email: signup.email,
      createdAt: now,
      expiresAt: plusDays(now, sessionDays),
    }
    const result = await ports.signups.complete({ signup, session, ...(known === undefined ? { opening: fresh } : {}) })
    if (result === 'done') return { session, token }
    if (result === 'used') throw new SitewrightError('CodeExpired', 'This code was used already. Request a new one.')
  }
  throw new SitewrightError('Unavailable', 'The account is being opened. Try again in a moment.')
}
