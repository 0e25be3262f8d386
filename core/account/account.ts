import * as z from 'zod'
import type { AccountEvent } from '../events/event.ts'
import { idSchema } from '../ids.ts'
import { attributionSchema } from '../signup/signup.ts'

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
