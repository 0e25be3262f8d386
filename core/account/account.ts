import * as z from 'zod'
import type { AccountBillingEvent, AccountEvent } from '../events/event.ts'
import { idSchema } from '../ids.ts'
import { attributionSchema } from '../signup/signup.ts'
import type { ChangeContext } from '../site/change.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A verified e-mail address. All personal data is here and below nothing else. */
export const personSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('prsn'),
  email: z.string(),
  emailHash: z.string(),
  name: z.string().optional(),
  /** Such as `Europe/Berlin`, as their browser said it: mails tell deadlines by it. */
  timeZone: z.string().optional(),
  termsAcceptedAt: instant.optional(),
  createdAt: instant,
})
export type Person = z.infer<typeof personSchema>

/** Owns sites, and has the one trial. */
export const accountSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('acct'),
  version: z.int().positive(),
  /** Whom mail about the account goes to. */
  ownerId: idSchema('prsn'),
  company: z.string().optional(),
  attribution: attributionSchema.optional(),
  /** At Stripe, `cus_…`; another one only where Stripe does not know this one any more. */
  customerId: z.string().optional(),
  /** What its first purchase was in, and so everything after it has to be: ISO 4217. Written once. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  createdAt: instant,
})
export type Account = z.infer<typeof accountSchema>

/** Person, account and membership come into being together, once per address. */
export interface AccountOpening {
  readonly person: Person
  readonly account: Account
  readonly event: AccountEvent
}

/** Who an address belongs to. */
export interface Identity {
  readonly personId: Person['id']
  readonly accountId: Account['id']
}

/** One step of an account's life, as it is written: all of it or nothing. */
export interface AccountChange {
  readonly before: Account
  readonly after: Account
  readonly event: AccountBillingEvent
}

const changed = (
  before: Account,
  type: AccountBillingEvent['type'],
  facts: { readonly customerId: string; readonly currency?: string },
  { actor, causationId, clocks, randomness }: ChangeContext,
): AccountChange => {
  const after = { ...before, ...facts, version: before.version + 1 }
  return {
    before,
    after,
    event: {
      schemaVersion: 1,
      id: randomness.id('evt'),
      type,
      aggregate: { type: 'account', id: after.id },
      version: after.version,
      at: clocks.domain(),
      actor,
      causationId,
      data: facts,
    },
  }
}

/**
 * The account gets its customer at Stripe.
 * @param former whom Stripe does not know any more; none where it never had one.
 * @returns undefined where it has another one by now, or this very one.
 */
export const openBilling = (
  account: Account,
  customerId: string,
  context: ChangeContext,
  former?: string,
): AccountChange | undefined =>
  account.customerId === former && former !== customerId
    ? changed(account, 'AccountBillingOpened', { customerId }, context)
    : undefined

/** What the first purchase was in; undefined where that is known, or nothing can have been bought. */
export const fixCurrency = (account: Account, currency: string, context: ChangeContext): AccountChange | undefined =>
  account.customerId === undefined || account.currency !== undefined
    ? undefined
    : changed(account, 'AccountCurrencyFixed', { customerId: account.customerId, currency }, context)
