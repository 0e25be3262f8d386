import * as z from 'zod'
import { paymentNoticeSchema } from '../../lambdas/billing/payment-notice.ts'
import { idSchema } from '../ids.ts'
import { siteBillingSchema } from '../site/site-billing.ts'
import { actorSchema } from './actor.ts'

const envelope = () => ({
  schemaVersion: z.literal(1),
  id: idSchema('evt'),
  /** The aggregate's version after this event: lock, order and gap check. */
  version: z.int().positive(),
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema(),
  /** The id of the request or the event that caused it. */
  causationId: z.string(),
})

/** Events of some types. The schema is made on first use: to make all of them would be a tenth of every cold start. */
const kindOf = <
  const Types extends readonly [string, ...string[]],
  Aggregate extends z.ZodRawShape,
  Data extends z.ZodRawShape,
>(
  types: Types,
  aggregate: () => Aggregate,
  data: () => Data,
) => {
  const make = () =>
    z.strictObject({
      ...envelope(),
      type: z.enum(types),
      aggregate: z.strictObject(aggregate()),
      data: z.strictObject(data()),
    })
  let made: ReturnType<typeof make> | undefined
  return { types, schema: () => (made ??= make()) }
}

const site = () => ({ type: z.literal('site'), id: idSchema('site') })
const account = () => ({ type: z.literal('account'), id: idSchema('acct') })

const siteEvent = <const Type extends string, Data extends z.ZodRawShape>(type: Type, data: () => Data) =>
  kindOf([type], site, () => ({
    status: z.string(),
    previousStatus: z.string().optional(),
    plan: z.string(),
    cell: z.string(),
    blueprint: z.strictObject({ name: z.string(), version: z.int() }),
    /** Absent for a site of the pool, a rehearsal and an environment. */
    accountId: idSchema('acct').optional(),
    /** The offer whose own trial it uses, or its place in the allowance of its account. */
    trialOf: z.string().optional(),
    /** The production of an environment. */
    environmentOf: idSchema('site').optional(),
    ...data(),
  }))

const nothing = () => ({})
/** The build step that was completed or that failed. */
const step = () => ({ step: z.string() })
/** A reason code of ours, such as `trial-ended`. */
const because = () => ({ because: z.string() })
/** The operator's own words. */
const reason = () => ({ reason: z.string() })
const maybeBecause = () => ({ because: z.string().optional() })
const maybeReason = () => ({ reason: z.string().optional() })
/** Whether the owner had accepted the relocation that it ends. */
const maybeAccepted = () => ({ wasAccepted: z.literal(true).optional() })
const operation = () => ({ operation: z.string() })
const maybeOperation = () => ({ operation: z.string().optional() })
const archiveId = () => ({ archiveId: idSchema('arc') })
const trialEndsAt = () => ({ trialEndsAt: z.string() })
const maybeTrialEndsAt = () => ({ trialEndsAt: z.string().optional() })
/** Days between the notice and the deadline. */
const daysBefore = () => ({ daysBefore: z.int() })
/** To which side a relocation took it. `isLost`: the data of the other side was lost with its cell, so the relocation is over. */
const side = () => ({ relocation: z.enum(['switched', 'returned']).optional(), isLost: z.literal(true).optional() })
/** Present where the plan or the subscription changed. */
const purchase = () => ({
  previousPlan: z.string().optional(),
  billing: siteBillingSchema.optional(),
  previousBilling: siteBillingSchema.optional(),
})

const siteEvents = [
  siteEvent('SiteRequested', maybeReason),
  siteEvent('SiteBuildAdvanced', step),
  siteEvent('SiteBuildRetried', nothing),
  siteEvent('SiteStocked', step),
  siteEvent('SiteOpened', () => ({ ...step(), ...maybeOperation() })),
  siteEvent('SiteFailed', step),
  siteEvent('SiteClaimed', maybeOperation),
  /** It starts now. */
  siteEvent('PreparedSiteClaimed', nothing),
  siteEvent('SiteRetired', nothing),
  siteEvent('SiteMoved', () => ({ ...maybeOperation(), ...purchase() })),
  /** Its data too is that of an archive, if `restored` names one. */
  siteEvent('SiteUpgraded', () => ({
    previousVersion: z.int(),
    /** The version of its configuration, if that changed; 0 for none. */
    configuration: z.int().nonnegative().optional(),
    restored: idSchema('arc').optional(),
    askedBy: z.enum(['owner', 'operator', 'system']).optional(),
    ...purchase(),
    ...side(),
  })),
  /** At its next wake it is upgraded to this version. */
  siteEvent('SiteVersionAssigned', () => ({ to: z.int() })),
  siteEvent('SiteFellAsleep', nothing),
  /** From the request to wake it until it answered; `to` instead if it is upgraded to that version first. */
  siteEvent('SiteWoke', () => ({ milliseconds: z.int().optional(), to: z.int().optional(), ...maybeReason() })),
  siteEvent('SiteSleepChosen', nothing),
  /** Whether owners keep its changes to themselves. */
  siteEvent('SiteProtectionChosen', () => ({ ownersOnly: z.boolean() })),
  /** Without the name, which may be personal. */
  siteEvent('SiteRenamed', nothing),
  siteEvent('SiteUrlChanged', maybeReason),
  siteEvent('SiteSuspended', () => ({ ...because(), ...maybeReason() })),
  siteEvent('SiteResumed', () => ({ ...trialEndsAt(), ...maybeOperation(), ...maybeReason(), ...purchase() })),
  siteEvent('SiteArchived', () => ({ ...archiveId(), ...purchase(), ...side() })),
  siteEvent('SiteRestored', () => ({ ...archiveId(), ...maybeOperation() })),
  siteEvent('SiteRehearsalEnded', because),
  /** With the subscription that still ran: it ends with the site. */
  siteEvent('SitePurged', () => ({
    ...maybeBecause(),
    ...maybeReason(),
    previousBilling: siteBillingSchema.optional(),
  })),
  siteEvent('SiteReminded', daysBefore),
  siteEvent('SiteWarned', daysBefore),
  siteEvent('SiteNoticesSkipped', nothing),
  siteEvent('TrialExtended', () => ({ ...trialEndsAt(), ...maybeReason() })),
  /** Its end is postponed: absent if it has none any more. */
  siteEvent('EnvironmentExtended', () => ({ until: z.string().optional() })),
  siteEvent('SiteBillingChanged', purchase),
  /** What was refunded of a subscription that was not wanted, in minor units. */
  siteEvent('SitePaymentReturned', () => ({
    ...because(),
    returned: z.strictObject({
      subscriptionId: z.string(),
      amount: z.int().optional(),
      currency: z.string().optional(),
    }),
  })),
  /** By a relocation too, whose other parts change with it. */
  siteEvent('SitePlanChanged', () => ({ ...maybeReason(), ...purchase(), ...side() })),
  siteEvent('SitePolicyChanged', () => ({ policyVersion: z.int(), previousPolicyVersion: z.int(), ...maybeReason() })),
  siteEvent('SiteHeld', reason),
  siteEvent('SiteHoldEnded', reason),
  siteEvent('SiteOperationBegun', () => ({ ...operation(), ...maybeReason(), ...purchase() })),
  siteEvent('SiteOperationRetried', () => ({
    ...operation(),
    ...maybeBecause(),
    ...maybeReason(),
    outcome: z.string().optional(),
  })),
  siteEvent('SiteOperationEnded', () => ({
    ...operation(),
    ...maybeBecause(),
    outcome: z.string(),
    /** The archive that an upgrade was to restore. */
    restores: idSchema('arc').optional(),
  })),
  siteEvent('SiteDeletionRequested', nothing),
  siteEvent('SiteDeletionRevoked', nothing),
  siteEvent('SitePurgeRequested', reason),
  siteEvent('SiteCopied', () => ({ ...archiveId(), scheduled: z.literal(true).optional() })),
  /** The schedule of its plan did without a copy. */
  siteEvent('SiteCopySkipped', because),
  siteEvent('SiteDown', nothing),
  /** A planned change of what it runs, and where. The revision is that of the draft. */
  siteEvent('RelocationDrafted', () => ({ revision: z.int(), ...maybeAccepted() })),
  siteEvent('RelocationAccepted', () => ({ revision: z.int(), ...maybeTrialEndsAt() })),
  siteEvent('RelocationAnnounced', nothing),
  /** The window passed without it, or the site went back because a check failed. */
  siteEvent('RelocationMissed', because),
  siteEvent('RelocationWithdrawn', () => ({ ...maybeReason(), ...maybeAccepted() })),
  /** It stays as it is now: `returned` is as before the relocation. `contract`: only its contract changed, without one. */
  siteEvent('RelocationConfirmed', () => ({
    side: z.enum(['relocated', 'returned', 'contract']),
    ...maybeReason(),
    ...purchase(),
  })),
  siteEvent('SiteStorageNoted', because),
  siteEvent('SiteCredentialsShown', nothing),
  /** An operator may look at it as `support` until then, by the wall clock. */
  siteEvent('SiteSupportEntered', () => ({ ...reason(), until: z.string() })),
] as const
export const siteEventTypes = siteEvents.flatMap(({ types }) => types)

const accountEvents = [
  /** An account that its person got with an invitation to a team is opened once it asks for a site of its own. */
  kindOf(['AccountOpened', 'AccountInvited'], account, () => ({ personId: idSchema('prsn') })),
  kindOf(['AccountBillingOpened', 'AccountCurrencyFixed'], account, () => ({
    customerId: z.string(),
    currency: z.string().optional(),
  })),
  /** Its owner asked to delete an account or cancelled that, or it is erased. */
  kindOf(['AccountClosed', 'AccountReopened', 'AccountErased'], account, nothing),
  kindOf(['AccountSupportEntryChosen'], account, () => ({ supportEntry: z.enum(['allowed', 'refused']) })),
  /** An operator lets it run software of its own, or no longer: then `sites` is 0. */
  kindOf(['AccountAllowanceChanged'], account, () => ({ plan: z.string(), sites: z.int(), ...reason() })),
  /** With the version of the text. */
  kindOf(['MarketingConsentGiven'], account, () => ({ text: z.string() })),
  kindOf(['MarketingConsentWithdrawn'], account, nothing),
] as const

/** Stripe has sent an event; its contents are read from Stripe. */
const paymentEvent = kindOf(
  ['PaymentNoticed'],
  () => ({ type: z.literal('payment'), id: z.string() }),
  () => paymentNoticeSchema.omit({ id: true }).shape,
)

const reconciliationEvent = kindOf(
  ['BillingReconciliationRequested'],
  () => ({ type: z.literal('reconciliation'), id: z.literal('billing') }),
  reason,
)

/** The aggregate is the blueprint, or `cell:` and the name of a cell, with its last roll-out. */
const rolloutEvent = kindOf(
  ['RolloutStarted', 'RolloutWaveFinished', 'RolloutHalted', 'RolloutFinished', 'RolloutChanged'],
  () => ({ type: z.literal('rollout'), id: z.string() }),
  () => ({
    /** The blueprint's version that its sites get; absent where they leave a cell. */
    to: z.int().optional(),
    kind: z.enum(['drain', 'loss']).optional(),
    state: z.string(),
    wave: z.int(),
    done: z.int(),
    failed: z.int(),
    ...maybeBecause(),
    ...maybeReason(),
  }),
)

/** Without the hostname, which may be personal. */
const customDomainEvent = kindOf(
  ['CustomDomainAdded', 'CustomDomainVerified', 'CustomDomainFailing', 'CustomDomainReleasing', 'CustomDomainReleased'],
  () => ({ type: z.literal('domain'), id: idSchema('dom') }),
  () => ({
    siteId: idSchema('site'),
    accountId: idSchema('acct'),
    state: z.string(),
    previousState: z.string().optional(),
    /** Such as `plan-changed`. */
    because: z.string().optional(),
    releaseAt: z.string().optional(),
  }),
)

const lead = () => ({ type: z.literal('lead'), id: idSchema('acct') })

const leadEvents = [
  /** The score is that of the same moment. */
  kindOf(['LeadStageChanged'], lead, () => ({
    stage: z.string(),
    previousStage: z.string().optional(),
    score: z.int(),
  })),
  /** The first time that use activates a lead, whatever its stage is then. */
  kindOf(['LeadActivated'], lead, nothing),
  /** An owner asked for sales. The message is with the lead. */
  kindOf(['ContactRequested'], lead, () => ({ siteId: idSchema('site'), topic: z.string() })),
] as const

/** All kinds of events: facts about one aggregate, without personal data, so that a person can be erased and the history stays. */
const events = [
  ...siteEvents,
  ...accountEvents,
  paymentEvent,
  reconciliationEvent,
  rolloutEvent,
  customDomainEvent,
  ...leadEvents,
] as const
export const eventTypes = events.flatMap(({ types }) => types)

type EventOf<Kinds extends readonly { readonly schema: () => z.ZodType }[]> = z.infer<
  ReturnType<Kinds[number]['schema']>
>

export type SiteEvent = EventOf<typeof siteEvents>
export type AccountEvent = EventOf<typeof accountEvents>
export type PaymentEvent = EventOf<[typeof paymentEvent]>
export type ReconciliationEvent = EventOf<[typeof reconciliationEvent]>
export type RolloutEvent = EventOf<[typeof rolloutEvent]>
export type LeadEvent = EventOf<typeof leadEvents>
export type CustomDomainEvent = EventOf<[typeof customDomainEvent]>
export type DomainEvent = EventOf<typeof events>

const schemaOf = <Event>(
  kinds: readonly { readonly types: readonly string[]; readonly schema: () => z.ZodType<Event> }[],
): z.ZodType<Event> =>
  z.looseObject({ type: z.string() }).transform((event, context) => {
    const kind = kinds.find(({ types }) => types.includes(event.type))
    const result = kind?.schema().safeParse(event)
    if (result?.success) return result.data
    const issues = result?.error.issues ?? [{ path: ['type'], message: 'is not a type of event' }]
    for (const { path, message } of issues) context.addIssue({ code: 'custom', path, message })
    return z.NEVER
  })

export const siteEventSchema = schemaOf<SiteEvent>(siteEvents)
export const eventSchema = schemaOf<DomainEvent>(events)
