import type { Proof } from '../../core/challenge.ts'
import { defined } from '../../core/defined.ts'
import { canonicalEmail, emailHash, plusMailbox } from '../../core/email.ts'
import { SitewrightError } from '../../core/errors.ts'
import {
  earlierRequest,
  type IdempotencyRecord,
  type IdempotentRequest,
  idempotencyRecord,
} from '../../core/idempotency.ts'
import { isId, type SignupId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { IdempotencyStore } from '../../core/ports/stores.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { type Offer, requireOffer } from '../offers/offers.ts'
import { readAnswers } from '../offers/question.ts'
import { heldOffer } from '../offers/session-offer.ts'
import { limitedWindows } from '../rate-limits/count-in-windows.ts'
import { isLimited, networkOf } from '../rate-limits/network.ts'
import { type AdmitSignupPorts, admitSignup } from './abuse/admit-signup.ts'
import { originOfSignup, type SaidOrigin } from './attribution.ts'
import { codeKeptUntil, isMailCrowded, type MailCodePorts, mailCode, mailsTo, mailsToPlus } from './mail-code.ts'
import { codeHash, codeOf, type Signup, type SignupMails, type SignupStore, signupMinutes } from './signup.ts'

export interface StartSignupPorts extends AdmitSignupPorts, MailCodePorts, Pick<Context, 'randomness'> {
  readonly signups: SignupStore
  readonly signupMails: SignupMails
  readonly idempotency: IdempotencyStore
  readonly accounts: AccountStore
}

export interface StartSignup extends SaidOrigin {
  readonly email: string
  readonly sourceIp: string
  readonly proof?: Proof | undefined
  readonly name?: string | undefined
  readonly timeZone?: string | undefined
  readonly company?: string | undefined
  readonly acceptedTerms?: boolean | undefined
  readonly blueprint?: string | undefined
  readonly offer?: string | undefined
  readonly variant?: string | undefined
  /** By the ids of the offer's questions; anything may be wrong. */
  readonly answers?: Readonly<Record<string, unknown>> | undefined
  readonly idempotencyKey?: string | undefined
}

/** Mails the code, or queues the mail while there are too many. */
const deliver = async (ports: StartSignupPorts, signup: Signup, isCrowded: boolean): Promise<void> => {
  if (isCrowded) await ports.signupMails.queue(signup)
  else await mailCode(ports, signup)
}

/** Delivers a mail that is noted already. Until it went out, that is for a short time only: the process may be lost. */
const deliverNoted = async (
  ports: StartSignupPorts,
  signup: Signup,
  { isCrowded, keptUntil }: { readonly isCrowded: boolean; readonly keptUntil: Instant },
): Promise<void> => {
  try {
    await deliver(ports, signup, isCrowded)
  } catch (error) {
    const now = ports.clocks.wall()
    await ports.signupMails.replace(signup.id, signup, { now, until: now })
    throw error
  }
  await ports.signupMails.note(signup, keptUntil)
}

const createdBefore = async (
  ports: StartSignupPorts,
  idempotent: IdempotentRequest,
  isCrowded: boolean,
): Promise<Signup> => {
  const now = ports.clocks.wall()
  const earlier = await earlierRequest(ports.idempotency, idempotent, now)
  const signup =
    earlier !== undefined && isId('sgn', earlier.created) ? await ports.signups.get(earlier.created) : undefined
  if (signup === undefined || signup.expiresAt <= now) {
    throw new SitewrightError('Unavailable', 'The sign-up of this Idempotency-Key has just expired. Try again.')
  }
  // The earlier request may have crashed before its mail.
  if (signup.usedAt === undefined && signup.sharesCodeOf === undefined) await deliver(ports, signup, isCrowded)
  return signup
}

const signupMilliseconds = signupMinutes * 60_000
/** For how long a mail counts as the last one of its address before it went out. */
const deliveryMilliseconds = 60_000
/** Others may note a mail between a read and a write; one of them succeeds. */
const maxChecks = 3

const deliveredBy = ({ clocks }: StartSignupPorts): Instant => plusMilliseconds(clocks.wall(), deliveryMilliseconds)

/**
 * The earlier sign-up whose code stays valid because its address gets no more mails. Without one, or if its code was used, one
 * of those who ask at that moment gets a mail, unless `mayMail` is false: then the code is that of the sign-up, which nobody gets.
 * @returns undefined for the one that gets a mail: it is noted.
 * @throws {SitewrightError} `Unavailable`.
 */
const findEarlier = async (
  ports: StartSignupPorts,
  signup: Signup,
  mayMail: boolean,
): Promise<SignupId | undefined> => {
  const { signupMails, signups } = ports
  for (let check = 0; check < maxChecks; check += 1) {
    const now = ports.clocks.wall()
    const id = await signupMails.last(signup.emailHash, now)
    const earlier = id === undefined ? undefined : await signups.get(id)
    if (id !== undefined && earlier?.usedAt === undefined) return id
    if (!mayMail) return signup.id
    if (await signupMails.replace(id, signup, { now, until: deliveredBy(ports) })) return undefined
  }
  throw new SitewrightError('Unavailable', 'This address was used for several sign-ups at the same time. Try again.')
}

const saidIn = (
  { acceptedTerms, name, timeZone, company, blueprint, ...origin }: StartSignup,
  { campaign }: Offer,
  now: Instant,
) => ({
  ...defined({ name, timeZone, company, blueprint }),
  ...originOfSignup(origin, now, campaign),
  ...(acceptedTerms === true ? { termsAcceptedAt: now } : {}),
})

const idempotentOf = (command: StartSignup): IdempotentRequest | undefined => {
  const { idempotencyKey: key, email, name, timeZone, company, acceptedTerms, blueprint } = command
  const { attribution, language, marketingConsent, offer, variant, answers } = command
  if (key === undefined) return undefined
  const request = {
    ...{ email, name, timeZone, company, attribution, acceptedTerms },
    ...{ blueprint, language, marketingConsent, offer, variant, answers },
  }
  return { scope: `signup ${canonicalEmail(email)}`, key, request }
}

const newSignup = async (ports: StartSignupPorts, command: StartSignup): Promise<Signup> => {
  const { clocks, randomness } = ports
  const secret = await ports.codeSecret()
  const now = clocks.wall()
  const id = randomness.id('sgn')
  const offer = requireOffer(ports.offers, command.offer)
  return {
    schemaVersion: 1,
    id,
    email: command.email,
    emailHash: emailHash(command.email),
    codeHash: codeHash(secret, id, codeOf(secret, id)),
    createdAt: now,
    expiresAt: plusMilliseconds(now, signupMilliseconds),
    tries: 0,
    ...saidIn(command, offer, now),
    ...readAnswers(offer.questions, command.answers),
    ...heldOffer(offer, command.variant),
  }
}

/** The windows that all plus addresses of a mailbox share. */
const plusWindows = async (ports: StartSignupPorts, { email, emailHash: hash }: Signup) => {
  const mailbox = plusMailbox(email)
  if (mailbox === undefined || (await ports.accounts.findByEmailHash(hash)) !== undefined) return []
  return limitedWindows(ports, mailsToPlus(ports.abuse, mailbox))
}

/** The part of an address's mails after which its last one is noted. */
const fewMails = 0.5

/**
 * Stores a sign-up and counts its mail together, because writes take most of the time. An address that got many mails takes
 * more writes: the code of its last mail may have to serve later sign-ups.
 */
const store = async (ports: StartSignupPorts, signup: Signup, key: IdempotencyRecord | undefined) => {
  const { signups } = ports
  const few = await limitedWindows(ports, mailsTo(ports.abuse, signup.emailHash), fewMails)
  const ofPlus = await plusWindows(ports, signup)
  const result = few.some(({ limit }) => limit === 0)
    ? 'limited'
    : await signups.create(signup, key, { windows: [...few, ...ofPlus] })
  if (result !== 'limited') return { signup, isTaken: result === 'taken' }
  const keptUntil = codeKeptUntil(ports)
  // Counted and noted together: if the limit is reached, a mail is noted.
  const windows = [...(await limitedWindows(ports, mailsTo(ports.abuse, signup.emailHash))), ...ofPlus]
  // Each use of its code marks it, also by the last sign-up that shares it.
  const kept = { keptUntil: plusMilliseconds(keptUntil, signupMilliseconds) }
  const counted = await signups.create(signup, key, { windows, ...kept, notedUntil: deliveredBy(ports) })
  if (counted !== 'limited') return { signup, isTaken: counted === 'taken', keptUntil }
  const earlier = await findEarlier(ports, signup, ofPlus.length === 0)
  if (earlier === undefined) {
    return { signup, isTaken: (await signups.create(signup, key, kept)) === 'taken', keptUntil }
  }
  const secret = await ports.codeSecret()
  const hash = codeHash(secret, signup.id, codeOf(secret, earlier))
  const sharing = { ...signup, codeHash: hash, sharesCodeOf: earlier }
  return { signup: sharing, isTaken: (await signups.create(sharing, key)) === 'taken' }
}

/**
 * Mails a code and a link, at most so many to an address. The answer is the same whether the address is known or not,
 * except for disposable addresses where they are refused.
 * @throws {SitewrightError} `IdempotencyKeyReused`, `InvalidRequest` for an unknown offer, `MailDomainRefused`, `RateLimited`,
 *   `ProofOfWorkRequired`.
 */
export const startSignup = async (ports: StartSignupPorts, command: StartSignup): Promise<Signup> => {
  await admitSignup(ports, command)
  const idempotent = idempotentOf(command)
  const asked = await newSignup(ports, command)
  // The key expires with its sign-up, so that a later request gets a new one.
  const key = idempotent && idempotencyRecord(idempotent, asked.id, asked.createdAt, asked.expiresAt)
  const { signup, isTaken, keptUntil } = await store(ports, asked, key)
  if (!isTaken && signup.sharesCodeOf !== undefined) return signup
  const isCrowded = isLimited(ports.abuse, networkOf(command.sourceIp)) && (await isMailCrowded(ports, 'mails'))
  // A mail that failed before is sent again, also if its address gets no further ones.
  if (isTaken && idempotent !== undefined) return createdBefore(ports, idempotent, isCrowded)
  if (keptUntil === undefined) await deliver(ports, signup, isCrowded)
  else await deliverNoted(ports, signup, { isCrowded, keptUntil })
  return signup
}
