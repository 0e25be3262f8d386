import * as z from 'zod'
import type { AccountEvent } from '../../core/events/event.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import { type ChangeContext, eventHead } from '../../core/site/lifecycle.ts'
import { heldOfferFields } from '../offers/offer.ts'
import { attributionSchema, originFields, withoutClickIds } from '../signup/attribution.ts'
import type { ClosureTask } from './closure-task.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A verified e-mail address. All personal data is in this record. */
export const personSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('prsn'),
  email: z.string(),
  emailHash: z.string(),
  name: z.string().optional(),
  /** Such as `Europe/Berlin`, as the browser reported it. Mails use it for dates. */
  timeZone: z.string().optional(),
  termsAcceptedAt: instant.optional(),
  createdAt: instant,
})
export type Person = z.infer<typeof personSchema>

export type Owner = Person & Pick<Account, 'language'>

export const accountSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('acct'),
  version: z.int().positive(),
  /** The person who gets mail about the account. */
  ownerId: idSchema('prsn'),
  company: z.string().optional(),
  attribution: attributionSchema.optional(),
  ...originFields,
  /** Those of the first sign-up. */
  ...heldOfferFields,
  /** The customer at Stripe, `cus_…`. It is replaced only if Stripe no longer knows it. */
  customerId: z.string().optional(),
  /** The currency of the first purchase, which all later ones must use: ISO 4217. Written once. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  createdAt: instant,
  /** It came with an invitation to a team, and has had no site yet: nothing counts it as a sign-up. */
  invited: z.literal(true).optional(),
  /** Absent: allowed. */
  supportEntry: z.literal('refused').optional(),
  /** The plan by agreement and the number of sites on which it may run software of its own. */
  allowance: z.strictObject({ plan: z.string(), sites: z.int().positive() }).optional(),
  /** `closed` can be revoked, `until` the last site is purged; nothing of a person is left once it is `erased`. */
  closure: z
    .discriminatedUnion('state', [
      z.strictObject({ state: z.literal('closed'), at: instant, until: instant.optional() }),
      z.strictObject({ state: z.literal('erased'), at: instant }),
    ])
    .optional(),
})
export type Account = z.infer<typeof accountSchema>

export interface AccountOpening {
  readonly person: Person
  readonly account: Account
  readonly event: AccountEvent
}

export interface Identity {
  readonly personId: Person['id']
  readonly accountId: Account['id']
}

/** A change of an account and its event, written in one transaction. */
export interface AccountChange {
  readonly before: Account
  readonly after: Account
  readonly event: AccountEvent
  /** Work that follows, written in the same transaction. A task replaces the account's earlier one of its kind. */
  readonly tasks?: readonly ClosureTask[]
  /** The only sites that the account may have. Written if it has no other, and none can follow. */
  readonly lastSites?: readonly SiteId[]
}

type Told<Event> = Event extends AccountEvent ? Pick<Event, 'type' | 'data'> : never

/** A change with its event. @param after its version rises by one. @param told what the event says. */
export const accountChange = (
  before: Account,
  after: Omit<Account, 'version'>,
  told: Told<AccountEvent>,
  context: ChangeContext,
): AccountChange => {
  const version = before.version + 1
  const event = { ...eventHead(context), version, aggregate: { type: 'account' as const, id: before.id }, ...told }
  return { before, after: { ...after, version }, event }
}

/**
 * Records the account's customer at Stripe.
 * @param former the customer that Stripe no longer knows, if there was one.
 * @returns undefined if the account has another customer by now, or this one.
 */
export const openBilling = (
  account: Account,
  customerId: string,
  context: ChangeContext,
  former?: string,
): AccountChange | undefined =>
  account.customerId === former && former !== customerId
    ? accountChange(
        account,
        { ...account, customerId },
        { type: 'AccountBillingOpened', data: { customerId } },
        context,
      )
    : undefined

/** Records the currency of the first purchase; undefined if it is known or there is no customer. */
export const fixCurrency = (account: Account, currency: string, context: ChangeContext): AccountChange | undefined => {
  const { customerId } = account
  if (customerId === undefined || account.currency !== undefined) return undefined
  const data = { customerId, currency }
  return accountChange(account, { ...account, currency }, { type: 'AccountCurrencyFixed', data }, context)
}

export type SupportEntry = 'allowed' | 'refused'

export const supportEntryOf = ({ supportEntry }: Account): SupportEntry => supportEntry ?? 'allowed'

/** Allows or refuses entries of support; undefined if it is so already. */
export const chooseSupportEntry = (
  account: Account,
  supportEntry: SupportEntry,
  context: ChangeContext,
): AccountChange | undefined => {
  if (supportEntryOf(account) === supportEntry) return undefined
  const { supportEntry: _, ...kept } = account
  const after = supportEntry === 'refused' ? { ...kept, supportEntry } : kept
  return accountChange(account, after, { type: 'AccountSupportEntryChosen', data: { supportEntry } }, context)
}

/** Counts an account that came with an invitation as a sign-up from now on; undefined for another one. */
export const openInvited = (account: Account, context: ChangeContext): AccountChange | undefined => {
  const { invited, ...kept } = account
  if (invited === undefined || account.closure !== undefined) return undefined
  const after = { ...kept, createdAt: context.clocks.domain() }
  return accountChange(account, after, { type: 'AccountOpened', data: { personId: account.ownerId } }, context)
}

/** Allows software of its own on so many sites, or on none; undefined if it is so already. */
export const chooseAllowance = (
  account: Account,
  { plan, sites, reason }: { readonly plan: string; readonly sites: number; readonly reason: string },
  context: ChangeContext,
): AccountChange | undefined => {
  const { allowance, ...kept } = account
  if ((allowance?.sites ?? 0) === sites && (sites === 0 || allowance?.plan === plan)) return undefined
  const after = sites === 0 ? kept : { ...kept, allowance: { plan, sites } }
  return accountChange(account, after, { type: 'AccountAllowanceChanged', data: { plan, sites, reason } }, context)
}

/** Whether its owner agrees to marketing now. Somebody who has asked for the deletion of the account does not. */
export const agreesToMarketing = (account: Account | undefined): boolean =>
  account?.marketing !== undefined && account.closure === undefined

/**
 * Stores the consent to marketing, or withdraws it and removes the ids of clicks on ads, which need it.
 * @param text the version of the text that its owner agreed to; undefined withdraws.
 * @returns undefined if it is so already, or if a closed account would give it.
 */
export const chooseMarketing = (
  account: Account,
  text: string | undefined,
  context: ChangeContext,
): AccountChange | undefined => {
  const { marketing, attribution, ...others } = account
  if (marketing?.text === text || (text !== undefined && account.closure !== undefined)) return undefined
  if (text !== undefined) {
    const after = { ...account, marketing: { at: context.clocks.wall(), text } }
    return accountChange(account, after, { type: 'MarketingConsentGiven', data: { text } }, context)
  }
  const after = { ...others, ...(attribution && { attribution: withoutClickIds(attribution) }) }
  return accountChange(account, after, { type: 'MarketingConsentWithdrawn', data: {} }, context)
}
