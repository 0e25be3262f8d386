import * as z from 'zod'
import { paymentNoticeSchema } from '../billing/payment-notice.ts'
import { siteBillingSchema } from '../billing/site-billing.ts'
import { idSchema } from '../ids.ts'

/** `lambdas/http/operator-operations.ts` says what each may do. */
export const operatorRoles = ['support', 'sales', 'admin'] as const
export type OperatorRole = (typeof operatorRoles)[number]

export const actorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('owner'), personId: idSchema('prsn') }),
  /** By the subject of their token, never by their address. */
  z.strictObject({ kind: z.literal('operator'), operatorId: z.string(), role: z.enum(operatorRoles) }),
])
export type Actor = z.infer<typeof actorSchema>

const envelope = {
  schemaVersion: z.literal(1),
  id: idSchema('evt'),
  /** The aggregate's version after this event: lock, order and gap check. */
  version: z.int().positive(),
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema,
  /** The id of the request or the event that caused it. */
  causationId: z.string(),
}

const siteEvent = <const Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.strictObject({
    ...envelope,
    type: z.literal(type),
    aggregate: z.strictObject({ type: z.literal('site'), id: idSchema('site') }),
    data: z.strictObject({
      status: z.string(),
      previousStatus: z.string().optional(),
      plan: z.string(),
      cell: z.string(),
      blueprint: z.strictObject({ name: z.string(), version: z.int() }),
      /** Absent for a site of the pool. */
      accountId: idSchema('acct').optional(),
      ...data,
    }),
  })

/** The build step that was completed or that failed. */
const step = { step: z.string() }
/** A reason code of ours, such as `trial-ended`. */
const because = { because: z.string() }
/** The operator's own words. */
const reason = { reason: z.string() }
const maybeBecause = { because: z.string().optional() }
const maybeReason = { reason: z.string().optional() }
/** The kind of the operation. */
const operation = { operation: z.string() }
const maybeOperation = { operation: z.string().optional() }
const archiveId = { archiveId: idSchema('arc') }
const trialEndsAt = { trialEndsAt: z.string() }
/** Days between the notice and the deadline. */
const daysBefore = { daysBefore: z.int() }
/** Present where the plan or the subscription changed. */
const purchase = {
  previousPlan: z.string().optional(),
  billing: siteBillingSchema.optional(),
  previousBilling: siteBillingSchema.optional(),
}

export const siteEventSchema = z.discriminatedUnion('type', [
  siteEvent('SiteRequested', {}),
  siteEvent('SiteBuildAdvanced', step),
  siteEvent('SiteBuildRetried', {}),
  siteEvent('SiteStocked', step),
  siteEvent('SiteOpened', step),
  siteEvent('SiteFailed', step),
  siteEvent('SiteClaimed', {}),
  siteEvent('SiteRetired', {}),
  siteEvent('SiteMoved', maybeOperation),
  siteEvent('SiteSuspended', { ...because, ...maybeReason }),
  siteEvent('SiteResumed', { ...trialEndsAt, ...maybeReason, ...purchase }),
  siteEvent('SiteArchived', archiveId),
  siteEvent('SiteRestored', archiveId),
  siteEvent('SitePurged', { ...maybeBecause, ...maybeReason }),
  siteEvent('SiteReminded', daysBefore),
  siteEvent('SiteWarned', daysBefore),
  siteEvent('SiteNoticesSkipped', {}),
  siteEvent('TrialExtended', { ...trialEndsAt, ...maybeReason }),
  siteEvent('SiteBillingChanged', purchase),
  /** What was refunded of a subscription that was not wanted, in minor units. */
  siteEvent('SitePaymentReturned', {
    ...because,
    returned: z.strictObject({
      subscriptionId: z.string(),
      amount: z.int().optional(),
      currency: z.string().optional(),
    }),
  }),
  siteEvent('SitePlanChanged', { ...maybeReason, ...purchase }),
  siteEvent('SitePolicyChanged', { policyVersion: z.int(), previousPolicyVersion: z.int(), ...maybeReason }),
  siteEvent('SiteHeld', reason),
  siteEvent('SiteHoldEnded', reason),
  siteEvent('SiteOperationBegun', { ...operation, ...maybeReason, ...purchase }),
  siteEvent('SiteOperationRetried', { ...operation, ...maybeBecause, outcome: z.string().optional() }),
  siteEvent('SiteOperationEnded', { ...operation, ...maybeBecause, outcome: z.string() }),
  siteEvent('SiteDeletionRequested', {}),
  siteEvent('SiteDeletionRevoked', {}),
  siteEvent('SitePurgeRequested', reason),
  siteEvent('SiteCopied', archiveId),
  siteEvent('SiteStorageNoted', because),
])
export const siteEventTypes = siteEventSchema.options.map(({ shape }) => shape.type.value)

const accountEventSchema = z.strictObject({
  ...envelope,
  type: z.enum(['AccountOpened']),
  aggregate: z.strictObject({ type: z.literal('account'), id: idSchema('acct') }),
  data: z.strictObject({ personId: idSchema('prsn') }),
})

/** The Stripe customer or the currency was recorded. */
const accountBillingEventSchema = z.strictObject({
  ...envelope,
  type: z.enum(['AccountBillingOpened', 'AccountCurrencyFixed']),
  aggregate: z.strictObject({ type: z.literal('account'), id: idSchema('acct') }),
  data: z.strictObject({ customerId: z.string(), currency: z.string().optional() }),
})

/** Stripe has sent an event; its contents are read from Stripe. */
const paymentEventSchema = z.strictObject({
  ...envelope,
  type: z.enum(['PaymentNoticed']),
  aggregate: z.strictObject({ type: z.literal('payment'), id: z.string() }),
  data: paymentNoticeSchema.omit({ id: true }),
})

const reconciliationEventSchema = z.strictObject({
  ...envelope,
  type: z.enum(['BillingReconciliationRequested']),
  aggregate: z.strictObject({ type: z.literal('reconciliation'), id: z.literal('billing') }),
  data: z.strictObject({ reason: z.string() }),
})

const customDomainEventTypes = [
  'CustomDomainAdded',
  'CustomDomainVerified',
  'CustomDomainFailing',
  'CustomDomainReleasing',
  'CustomDomainReleased',
] as const

/** Without the hostname, which may be personal. */
const customDomainEventSchema = z.strictObject({
  ...envelope,
  type: z.enum(customDomainEventTypes),
  aggregate: z.strictObject({ type: z.literal('domain'), id: idSchema('dom') }),
  data: z.strictObject({
    siteId: idSchema('site'),
    accountId: idSchema('acct'),
    state: z.string(),
    previousState: z.string().optional(),
    /** Such as `plan-changed`. */
    because: z.string().optional(),
    releaseAt: z.string().optional(),
  }),
})

/** A fact about one aggregate, without personal data, so that a person can be erased and the history stays. */
export const eventSchema = z.discriminatedUnion('type', [
  ...siteEventSchema.options,
  accountEventSchema,
  accountBillingEventSchema,
  paymentEventSchema,
  reconciliationEventSchema,
  customDomainEventSchema,
])

export type SiteEvent = z.infer<typeof siteEventSchema>
export type AccountEvent = z.infer<typeof accountEventSchema>
export type AccountBillingEvent = z.infer<typeof accountBillingEventSchema>
export type PaymentEvent = z.infer<typeof paymentEventSchema>
export type ReconciliationEvent = z.infer<typeof reconciliationEventSchema>
export type CustomDomainEvent = z.infer<typeof customDomainEventSchema>
export type DomainEvent = z.infer<typeof eventSchema>
