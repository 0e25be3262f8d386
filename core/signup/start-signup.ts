import type { AdmitSignupPorts } from '../abuse/admit-signup.ts'
import { admitSignup, isLimited } from '../abuse/admit-signup.ts'
import type { Proof } from '../abuse/challenge.ts'
import { networkOf } from '../abuse/network.ts'
import { SitewrightError } from '../errors.ts'
import type { IdempotentRequest } from '../idempotency.ts'
import { idempotencyRecord, requireSameRequest } from '../idempotency.ts'
import type { SignupId } from '../ids.ts'
import { isId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { Randomness } from '../ports/context.ts'
import type { IdempotencyStore, SignupMails, SignupStore } from '../ports/stores.ts'
import { canonicalEmail, emailHash } from './email.ts'
import type { MailCodePorts } from './mail-code.ts'
import { codeKeptUntil, countMailTo, isMailCrowded, mailCode } from './mail-code.ts'
import type { Attribution, Signup } from './signup.ts'
import { codeHash, codeOf, signupMinutes } from './signup.ts'

export interface StartSignupPorts extends AdmitSignupPorts, MailCodePorts {
  readonly signups: SignupStore
  readonly signupMails: SignupMails
  readonly idempotency: IdempotencyStore
  readonly randomness: Randomness
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

/** Mails the code, or queues the mail while there are too many. */
const deliver = async (ports: StartSignupPorts, signup: Signup, isCrowded: boolean): Promise<void> => {
  if (isCrowded) await ports.signupMails.queue(signup)
  else await mailCode(ports, signup)
}

const createdBefore = async (
  ports: StartSignupPorts,
  idempotent: IdempotentRequest,
  isCrowded: boolean,
): Promise<Signup> => {
  const now = ports.clocks.wall()
  const record = idempotencyRecord(idempotent, '', now)
  const earlier = await ports.idempotency.find(record.key)
  if (earlier !== undefined) requireSameRequest(earlier, record)
  const signup =
    earlier !== undefined && isId('sgn', earlier.created) ? await ports.signups.get(earlier.created) : undefined
  if (signup === undefined || signup.expiresAt <= now) {
    throw new SitewrightError('Unavailable', 'The sign-up of this Idempotency-Key has just expired. Try again.')
  }
  // The earlier request may have crashed before its mail.
  if (signup.usedAt === undefined && signup.sharesCodeOf === undefined) await deliver(ports, signup, isCrowded)
  return signup
}

/**
 * The earlier sign-up whose code stays valid because its address gets no more mails. Without one, or if its code was used,
 * a mail goes out.
 */
const findEarlier = async (ports: StartSignupPorts, hash: string): Promise<SignupId | undefined> => {
  const id = await ports.signupMails.last(hash, ports.clocks.wall())
  const earlier = id === undefined ? undefined : await ports.signups.get(id)
  return earlier?.usedAt === undefined ? id : undefined
}

/** The facts about a person that a sign-up may have. */
const saidIn = ({ acceptedTerms, name, timeZone, company, attribution }: StartSignup, now: Instant) => ({
  ...(name === undefined ? {} : { name }),
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(company === undefined ? {} : { company }),
  ...(attribution === undefined ? {} : { attribution }),
  ...(acceptedTerms === true ? { termsAcceptedAt: now } : {}),
})

const idempotentOf = (command: StartSignup): IdempotentRequest | undefined => {
  const { idempotencyKey: key, email, name, timeZone, company, attribution, acceptedTerms } = command
  if (key === undefined) return undefined
  const request = { email, name, timeZone, company, attribution, acceptedTerms }
  return { scope: `signup ${canonicalEmail(email)}`, key, request }
}

/** The share of an address's mails from which the last one is noted: only then may an earlier code be needed. */
const notedShare = 0.5

/**
 * Mails a code and a link, at most so many to an address. It never checks whether the address is known, so it reveals nothing.
 * @throws {SitewrightError} `IdempotencyKeyReused`, `MailDomainRefused`, `RateLimited`, `ProofOfWorkRequired`.
 */
export const startSignup = async (ports: StartSignupPorts, command: StartSignup): Promise<Signup> => {
  await admitSignup(ports, command)
  const hash = emailHash(command.email)
  const share = await countMailTo(ports, hash)
  const earlier = share === undefined ? await findEarlier(ports, hash) : undefined
  const now = ports.clocks.wall()
  const id = ports.randomness.id('sgn')
  const signup: Signup = {
    schemaVersion: 1,
    id,
    email: command.email,
    emailHash: hash,
    codeHash: codeHash(ports.codeSecret, id, codeOf(ports.codeSecret, earlier ?? id)),
    ...(earlier === undefined ? {} : { sharesCodeOf: earlier }),
    createdAt: now,
    expiresAt: plusMilliseconds(now, signupMinutes * 60_000),
    tries: 0,
    ...saidIn(command, now),
  }
  const idempotent = idempotentOf(command)
  const keptUntil = (share ?? 1) > notedShare && earlier === undefined ? codeKeptUntil(ports) : undefined
  const isCrowdedNow = async () =>
    isLimited(ports.abuse, networkOf(command.sourceIp)) && (await isMailCrowded(ports, 'mails'))
  const [result, isCrowded] = await Promise.all([
    // The key expires with its sign-up, so that a later request gets a new one.
    ports.signups.create(signup, idempotent && idempotencyRecord(idempotent, id, now, signup.expiresAt), keptUntil),
    earlier === undefined ? isCrowdedNow() : undefined,
  ])
  // A mail that failed before is sent again, also if its address gets no further ones.
  if (result === 'taken' && idempotent !== undefined) {
    return createdBefore(ports, idempotent, isCrowded ?? (await isCrowdedNow()))
  }
  if (earlier !== undefined) return signup
  await deliver(ports, signup, isCrowded === true)
  if (keptUntil !== undefined) await ports.signupMails.note(signup, keptUntil)
  return signup
}
