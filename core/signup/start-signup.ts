import type { AdmitSignupPorts } from '../abuse/admit-signup.ts'
import { admitSignup } from '../abuse/admit-signup.ts'
import type { Proof } from '../abuse/challenge.ts'
import { SitewrightError } from '../errors.ts'
import type { IdempotentRequest } from '../idempotency.ts'
import { idempotencyRecord, requireSameRequest } from '../idempotency.ts'
import { isId } from '../ids.ts'
import { plusMilliseconds } from '../instant.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { Mailer } from '../ports/delivery.ts'
import type { IdempotencyStore, SignupStore } from '../ports/stores.ts'
import { canonicalEmail, emailHash } from './email.ts'
import type { Attribution, Signup } from './signup.ts'
import { codeHash, codeOf, signupMinutes } from './signup.ts'
import { signupMail } from './signup-mail.ts'

export interface StartSignupPorts extends AdmitSignupPorts {
  readonly signups: SignupStore
  readonly idempotency: IdempotencyStore
  readonly mailer: Mailer
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly codeSecret: string
  readonly brand: string
  readonly consoleUrl: string
}

export interface StartSignup {
  readonly email: string
  readonly sourceIp: string
  readonly proof?: Proof | undefined
  readonly name?: string | undefined
  readonly timeZone?: string | undefined
  readonly company?: string | undefined
  readonly attribution?: Attribution | undefined
  readonly acceptedTerms?: boolean | undefined
  readonly idempotencyKey?: string | undefined
}

const mailCode = async ({ mailer, codeSecret, brand, consoleUrl }: StartSignupPorts, signup: Signup): Promise<void> =>
  mailer.send(signupMail({ signup, code: codeOf(codeSecret, signup.id), brand, consoleUrl }))

const createdBefore = async (ports: StartSignupPorts, idempotent: IdempotentRequest): Promise<Signup> => {
  const now = ports.clocks.wall()
  const record = idempotencyRecord(idempotent, '', now)
  const earlier = await ports.idempotency.find(record.key)
  if (earlier !== undefined) requireSameRequest(earlier, record)
  const signup =
    earlier !== undefined && isId('sgn', earlier.created) ? await ports.signups.get(earlier.created) : undefined
  if (signup === undefined || signup.expiresAt <= now) {
    throw new SitewrightError('Unavailable', 'The sign-up of this Idempotency-Key has just expired. Try again.')
  }
  // The earlier request may have crashed before its mail. A repeated message is sent once.
  if (signup.usedAt === undefined) await mailCode(ports, signup)
  return signup
}

/**
 * Mails a code and a link. It never checks whether the address is known, so it reveals nothing.
 * @throws {SitewrightError} `IdempotencyKeyReused`, `MailDomainRefused`, `RateLimited`, `ProofOfWorkRequired`.
 */
export const startSignup = async (ports: StartSignupPorts, command: StartSignup): Promise<Signup> => {
  const { idempotencyKey, acceptedTerms, name, timeZone, company, attribution } = command
  await admitSignup(ports, command)
  const now = ports.clocks.wall()
  const id = ports.randomness.id('sgn')
  const signup: Signup = {
    schemaVersion: 1,
    id,
    email: command.email,
    emailHash: emailHash(command.email),
    codeHash: codeHash(ports.codeSecret, id, codeOf(ports.codeSecret, id)),
    createdAt: now,
    expiresAt: plusMilliseconds(now, signupMinutes * 60_000),
    tries: 0,
    ...(name === undefined ? {} : { name }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(company === undefined ? {} : { company }),
    ...(attribution === undefined ? {} : { attribution }),
    ...(acceptedTerms === true ? { termsAcceptedAt: now } : {}),
  }
  const idempotent: IdempotentRequest | undefined =
    idempotencyKey === undefined
      ? undefined
      : {
          scope: `signup ${canonicalEmail(command.email)}`,
          key: idempotencyKey,
          request: { email: command.email, name, timeZone, company, attribution, acceptedTerms },
        }
  // The key expires with its sign-up, so that a later request gets a new one.
  const result = await ports.signups.create(
    signup,
    idempotent && idempotencyRecord(idempotent, id, now, signup.expiresAt),
  )
  if (result === 'taken' && idempotent !== undefined) return createdBefore(ports, idempotent)
  await mailCode(ports, signup)
  return signup
}
