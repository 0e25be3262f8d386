import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { defined } from '../../core/defined.ts'
import { isSameText } from '../../core/digest.ts'
import type { IdempotencyRecord } from '../../core/idempotency.ts'
import { idSchema, type SignupId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import { eventHead } from '../../core/site/lifecycle.ts'
import type { AccountOpening } from '../accounts/account.ts'
import type { Session } from '../accounts/session/session-facts.ts'
import { heldBy, heldOfferFields } from '../offers/offer.ts'
import type { AuditEntry } from '../operators/audit/audit-entry.ts'
import type { LimitedWindow } from '../rate-limits/count-in-windows.ts'
import { attributionSchema, mailOf, originFields } from './attribution.ts'

const instant = z.iso.datetime({ precision: 3 })

export const signupMinutes = 15
/** Wrong and right codes that one network may try on a code. */
export const signupTries = 5
/** Those that all networks together may try on a code. */
export const codeTries = 25

export const signupSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('sgn'),
  email: z.string(),
  emailHash: z.string(),
  codeHash: z.string(),
  createdAt: instant,
  expiresAt: instant,
  /** The earlier sign-up whose code counts, because no more mails went to the address. */
  sharesCodeOf: idSchema('sgn').optional(),
  /** Includes right ones. */
  tries: z.int().nonnegative(),
  usedAt: instant.optional(),
  name: z.string().optional(),
  timeZone: z.string().optional(),
  company: z.string().optional(),
  attribution: attributionSchema.optional(),
  ...originFields,
  termsAcceptedAt: instant.optional(),
  /** What the site is to run, if another than the default. */
  blueprint: z.string().optional(),
  ...heldOfferFields,
})
export type Signup = z.infer<typeof signupSchema>

type TryResult =
  | { readonly outcome: 'counted'; readonly signup: Signup }
  | { readonly outcome: 'unknown' | 'used' | 'exhausted' | 'expired' }

export interface SignupStore {
  /**
   * Stores a sign-up until it expires, or longer.
   * @param options.windows of one subject, counted in the same transaction.
   * @param options.notedUntil notes its mail as the last of the address until then, in the same transaction.
   * @returns `taken` if the idempotency key has an unexpired record; `limited` if a window is at its limit.
   */
  readonly create: (
    signup: Signup,
    idempotency?: IdempotencyRecord,
    options?: {
      readonly keptUntil?: Instant | undefined
      readonly windows?: readonly LimitedWindow[]
      readonly notedUntil?: Instant
    },
  ) => Promise<'created' | 'taken' | 'limited'>
  readonly get: (id: SignupId) => Promise<Signup | undefined>
  /** Counts a try before the code is compared, so that concurrent tries all count. */
  readonly countTry: (id: SignupId, limit: number, now: Instant) => Promise<TryResult>
  /**
   * Uses up the sign-up whose code counts, opens the session, records the sign-in and, for a new address, opens the account, in one transaction.
   * @returns `used` if the code was used; `known` if the address has got an account: call again without an opening.
   */
  readonly complete: (completion: {
    readonly signup: Signup
    readonly session: Session
    readonly opening?: AccountOpening
    /** The sign-in. */
    readonly entry: AuditEntry
  }) => Promise<'done' | 'used' | 'known'>
}

export interface QueuedMail {
  readonly id: SignupId
  readonly createdAt: Instant
}

/** Which mails of sign-ups went out or wait. */
export interface SignupMails {
  /** Notes the last mail that went to an address. */
  readonly note: (signup: Pick<Signup, 'id' | 'emailHash'>, until: Instant) => Promise<void>
  /**
   * Notes a mail instead of another one. If that is undefined, none is noted or the noted one has ended.
   * @returns whether nothing else was noted meanwhile.
   */
  readonly replace: (
    earlier: SignupId | undefined,
    signup: Pick<Signup, 'id' | 'emailHash'>,
    times: { readonly now: Instant; readonly until: Instant },
  ) => Promise<boolean>
  /** The sign-up of the last mail that went to an address; undefined if none is noted. */
  readonly last: (emailHash: string, now: Instant) => Promise<SignupId | undefined>
  readonly queue: (signup: Pick<Signup, 'id' | 'createdAt' | 'expiresAt'>) => Promise<void>
  /** The oldest first. */
  readonly queued: (limit: number) => Promise<readonly QueuedMail[]>
  readonly unqueue: (entry: QueuedMail) => Promise<void>
}

/** Consonants spell no words, and none of them is read as a digit (RFC 8628, 6.1). */
const codeLetters = 'BCDFGHJKLMNPQRSTVWXZ'
const codeLength = 8
export const codeCount = codeLetters.length ** codeLength

/** A code such as `WDJB-MJHT`. It follows from the id of a sign-up or sign-in and a secret outside the table, so that the same mail can be sent again. */
export const codeOf = (secret: string, id: string): string => {
  const number = createHmac('sha256', secret).update(`code of ${id}`).digest().readUIntBE(0, 6)
  const letters = Array.from({ length: codeLength }, (_, at) =>
    codeLetters.charAt(Math.floor(number / codeLetters.length ** at) % codeLetters.length),
  )
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`
}

/** The code of the mail's link: too long to guess, so wrong codes never block it. Twenty characters, the most that the API takes. */
export const linkCodeOf = (secret: string, signupId: SignupId): string =>
  createHmac('sha256', secret).update(`link of ${signupId}`).digest('base64url').slice(0, 20)

export const isLinkCode = (secret: string, signupId: SignupId, code: string): boolean =>
  isSameText(linkCodeOf(secret, signupId), code)

/** Keyed with a secret outside the table, because a code is easily guessed from a plain hash. Case, spaces and hyphens do not matter. */
export const codeHash = (secret: string, id: string, code: string): string =>
  createHmac('sha256', secret)
    .update(`${id}:${code.replaceAll(/[\s-]/g, '').toUpperCase()}`)
    .digest('hex')

export const codeMatches = (expectedHash: string, secret: string, id: string, code: string): boolean =>
  isSameText(codeHash(secret, id, code), expectedHash)

export interface OpeningPorts extends Pick<Context, 'clocks' | 'randomness'> {
  /** Domains at which anybody gets an address. */
  readonly freeMailDomains: ReadonlySet<string>
}

/** What an account is opened with: a sign-up, or what another installation says of its owner. */
export type NewAddress = Omit<Partial<Signup>, 'id'> & Pick<Signup, 'email' | 'emailHash'> & { readonly id: string }

/** The account of a new address, with its person. @param isInvited whether it came with an invitation to a team or a rehearsal: nothing counts it. */
export const opening = (
  signup: NewAddress,
  { clocks, randomness, freeMailDomains }: OpeningPorts,
  isInvited = false,
): AccountOpening => {
  const { name, timeZone, termsAcceptedAt, company, attribution, language, marketing, answers } = signup
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
      ...defined({ name, timeZone, termsAcceptedAt }),
    },
    account: {
      schemaVersion: 1,
      id: accountId,
      version: 1,
      ownerId: personId,
      createdAt,
      ...defined({ company, attribution, language, marketing, answers }),
      mail: mailOf(signup.email, freeMailDomains),
      ...(isInvited && { invited: true }),
      ...heldBy(signup),
    },
    event: {
      ...eventHead({ clocks, randomness, actor: { kind: 'owner', personId }, causationId: signup.id }),
      type: isInvited ? 'AccountInvited' : 'AccountOpened',
      aggregate: { type: 'account', id: accountId },
      version: 1,
      at: createdAt,
      data: { personId },
    },
  }
}
