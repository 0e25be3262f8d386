import { type Instant, plusDays } from '../instant.ts'
import { type CopySchedule, isTrialPlan } from '../plan/plan.ts'
import { nextCopyAt } from './copy-schedule.ts'
import { endOfEnvironment, isBeside, isEnvironment } from './environment.ts'
import { nextRelocationStep, type RelocationStep } from './relocation.ts'
import {
  type ArchivedSite,
  type Deletion,
  isKept,
  isLive,
  type KeptSite,
  type LiveSite,
  type Site,
  type SuspendedSite,
} from './site.ts'
import type { SiteBilling } from './site-billing.ts'
import type { TrialPolicies, TrialPolicy } from './trial-policy.ts'

const latest = (...instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants
    .filter((instant) => instant !== undefined)
    .toSorted()
    .at(-1)

const endOfGrace = ({ pastDueSince }: SiteBilling, { pastDueDays }: TrialPolicy): Instant | undefined =>
  pastDueSince === undefined ? undefined : plusDays(pastDueSince, pastDueDays)

interface Entitlement {
  readonly plan: string
  readonly trialEndsAt: Instant
  readonly billing?: SiteBilling | undefined
  readonly contract?: KeptSite['contract']
}

/**
 * When a site stops being entitled to run if nothing changes; undefined if never. A trial ends with its trial; a past-
 * due subscription after its grace period; an ended one when its paid time ends. Time that is paid, or left of a trial or
 * a former subscription, is never lost. Any other plan is by arrangement, and so is a site under a contract: the end of neither suspends it.
 */
export const entitledUntil = (
  { plan, trialEndsAt, billing, contract }: Entitlement,
  policy: TrialPolicy,
): Instant | undefined => {
  if (contract !== undefined) return undefined
  if (billing === undefined) return isTrialPlan(plan) ? trialEndsAt : undefined
  if (!isTrialPlan(plan) && plan !== billing.plan) return undefined
  switch (billing.state) {
    case 'active':
      return undefined
    case 'past-due':
      return latest(endOfGrace(billing, policy), billing.paidThrough, billing.formerPaidThrough, trialEndsAt)
    case 'paused':
    case 'ended':
      return latest(
        billing.paidThrough ?? billing.endedSince,
        endOfGrace(billing, policy),
        billing.formerPaidThrough,
        trialEndsAt,
      )
  }
}

export const isEntitled = (site: Entitlement, policy: TrialPolicy, now: Instant): boolean => {
  const until = entitledUntil(site, policy)
  return until === undefined || until > now
}

export interface BillingFacts {
  /** Until when the site runs although a payment is overdue; null if none is. */
  readonly paymentDueBy: Instant | null
  /** Until when it runs although its subscription has ended or is paused; null otherwise. */
  readonly endsAt: Instant | null
}

const none: BillingFacts = { paymentDueBy: null, endsAt: null }

/**
 * The billing deadlines of a site. A subscription that its owner has cancelled has none: it just runs to its end.
 * @throws {Error} if the site's policy is missing.
 */
export const billingFacts = (site: Entitlement & { policyVersion: number }, policies: TrialPolicies): BillingFacts => {
  const state = site.billing?.state
  if (state === undefined || state === 'active') return none
  const until = entitledUntil(site, policies.find(site.policyVersion)) ?? null
  return state === 'past-due' ? { ...none, paymentDueBy: until } : { ...none, endsAt: until }
}

interface Notice {
  readonly step: 'remind' | 'warn'
  readonly daysBefore: number
  readonly dueAt: Instant
}

/** A step that the rate limit delays and the brake stops, but for the end of a rehearsal or an environment: it ends by itself, or as its owner said. */
export interface DestructiveStep {
  readonly step: 'suspend' | 'archive' | 'purge' | 'end-rehearsal' | 'end-environment'
  readonly dueAt: Instant
}

export interface CopyStep {
  readonly step: 'copy'
  readonly dueAt: Instant
}

export type NextStep = LifeStep | RelocationStep | CopyStep

export const isDestructive = (next: NextStep): next is DestructiveStep =>
  next.step !== 'remind' && next.step !== 'warn' && next.step !== 'copy' && !isOfRelocation(next)

const isOfRelocation = (next: NextStep): next is RelocationStep =>
  next.step === 'announce' || next.step === 'relocate' || next.step === 'confirm'

const later = (one: Instant, other: Instant | undefined): Instant => (other === undefined || one > other ? one : other)

/** A notice is not sent after a later one, nor after its deadline was postponed. */
const nextNotice = (
  daysBefore: readonly number[],
  sent: readonly number[],
  deadline: Instant,
  { reprievedUntil }: KeptSite,
): number | undefined => {
  if (reprievedUntil !== undefined && reprievedUntil >= deadline) return undefined
  const nearestSent = Math.min(Number.POSITIVE_INFINITY, ...sent)
  return daysBefore.filter((days) => days < nearestSent).toSorted((a, b) => b - a)[0]
}

const destructive = (step: DestructiveStep['step'], dueAt: Instant, { reprievedUntil }: KeptSite): DestructiveStep => ({
  step,
  dueAt: later(dueAt, reprievedUntil),
})

const ofLive = (site: LiveSite, policy: TrialPolicy): LifeStep | undefined => {
  const until = entitledUntil(site, policy)
  if (until === undefined) return undefined
  const daysBefore = nextNotice(policy.reminderDaysBefore, site.reminded, until, site)
  return daysBefore === undefined
    ? destructive('suspend', until, site)
    : { step: 'remind', daysBefore, dueAt: plusDays(until, -daysBefore) }
}

/** In days: the notice before the end of an environment. One that lives for less has none. */
const environmentNotice = 1

/** When reminders of the end of a site in use are due, in days before it. */
export const reminderDays = ({ environmentOf }: Site, { reminderDaysBefore }: TrialPolicy): readonly number[] => {
  if (environmentOf === undefined) return reminderDaysBefore
  // One without end ends by a change of the plan alone.
  return (environmentOf.hours ?? Number.POSITIVE_INFINITY) > environmentNotice * 24 ? [environmentNotice] : []
}

/** An environment ends at its time, in use or not, as if its owner deleted it. */
const ofEnvironment = (site: KeptSite, until: Instant, notices: readonly number[]): LifeStep => {
  const end = destructive('end-environment', until, site)
  const daysBefore = isLive(site) ? nextNotice(notices, site.reminded, until, site) : undefined
  return daysBefore === undefined ? end : { step: 'remind', daysBefore, dueAt: plusDays(until, -daysBefore) }
}

/** The owner's deletion waits, so that it can be revoked. */
const ofDeletion = (site: SuspendedSite | ArchivedSite, { by, requestedAt }: Deletion, policy: TrialPolicy): LifeStep =>
  destructive('purge', by === 'owner' ? plusDays(requestedAt, policy.deletionDays) : requestedAt, site)

const ofSuspended = (site: SuspendedSite, policy: TrialPolicy): LifeStep | undefined => {
  if (site.heldSince !== undefined) return undefined
  if (site.deletion !== undefined) return ofDeletion(site, site.deletion, policy)
  if (site.suspendedBecause === 'moved') return destructive('archive', site.suspendedAt, site)
  const until = entitledUntil(site, policy)
  if (until === undefined) return undefined
  // Time that was added by an extension or a payment counts, and the grace after it.
  return destructive('archive', plusDays(later(site.suspendedAt, until), policy.graceDays), site)
}

const ofArchived = (site: ArchivedSite, policy: TrialPolicy): LifeStep | undefined => {
  if (site.heldSince !== undefined) return undefined
  if (site.deletion !== undefined) return ofDeletion(site, site.deletion, policy)
  // Its archive is kept: it is the way back.
  if (site.suspendedBecause === 'moved' || entitledUntil(site, policy) === undefined) return undefined
  const purgeAt = purgeDueAt(site, policy)
  const daysBefore = nextNotice(policy.warningDaysBefore, site.warned, purgeAt, site)
  return daysBefore === undefined
    ? destructive('purge', purgeAt, site)
    : { step: 'warn', daysBefore, dueAt: plusDays(purgeAt, -daysBefore) }
}

export const purgeDueAt = (site: ArchivedSite, policy: TrialPolicy): Instant => {
  const rests = later(site.archivedAt, entitledUntil(site, policy))
  return later(plusDays(rests, policy.retentionDays), site.purgeNotBefore)
}

/** When the data of a site is purged that is archived before that is due; undefined if never. */
export const purgeAsIfDue = (site: SuspendedSite, policy: TrialPolicy): Instant | undefined => {
  const next = ofSuspended(site, policy)
  return next?.step === 'archive' ? plusDays(next.dueAt, policy.retentionDays) : undefined
}

export type LifeStep = Notice | DestructiveStep

/** The next step of a site's life; what a relocation plans is left out. @param notices of an environment, in days before its end; the usual ones by default. */
export const nextLifeStep = (site: Site, policy: TrialPolicy, notices?: readonly number[]): LifeStep | undefined => {
  if (site.rehearsalOf !== undefined && isKept(site)) return { step: 'end-rehearsal', dueAt: site.rehearsalOf.until }
  if (isEnvironment(site) && isKept(site) && (isLive(site) || site.deletion === undefined)) {
    const until = endOfEnvironment(site)
    return until === undefined ? undefined : ofEnvironment(site, until, notices ?? reminderDays(site, policy))
  }
  switch (site.status) {
    case 'active':
    case 'asleep':
      return ofLive(site, policy)
    case 'suspended':
      return ofSuspended(site, policy)
    case 'archived':
      return ofArchived(site, policy)
    case 'building':
    case 'ready':
    case 'failed':
    case 'purged':
      return undefined
  }
}

/** The next copy by the plan's schedule; none of a rehearsal, an environment or a site that is not in use. */
export const nextCopy = (site: Site, copies: CopySchedule | undefined): CopyStep | undefined => {
  const dueAt = copies !== undefined && isLive(site) && !isBeside(site) ? nextCopyAt(site, copies) : undefined
  return dueAt === undefined ? undefined : { step: 'copy', dueAt }
}

/**
 * The one clock of a site: a pure function of the site, its policy and the schedule of its plan's copies. Everything that
 * shows or acts on a deadline uses it; the stored `dueAt` serves only the index. Of steps at one instant, that of its life
 * comes first.
 * @param copies absent for whoever takes no copies.
 */
export const nextStep = (site: Site, policy: TrialPolicy, copies?: CopySchedule): NextStep | undefined => {
  const relocation = isKept(site) && site.relocation !== undefined ? nextRelocationStep(site.relocation) : undefined
  const steps = [nextLifeStep(site, policy), relocation, nextCopy(site, copies)].filter((step) => step !== undefined)
  return steps.reduce<NextStep | undefined>(
    (first, step) => (first === undefined || step.dueAt < first.dueAt ? step : first),
    undefined,
  )
}

/** Ignores notices; used by the forecast. */
export const nextDestructiveStep = (site: Site, policy: TrialPolicy): DestructiveStep | undefined => {
  const next = nextLifeStep(site, { ...policy, reminderDaysBefore: [], warningDaysBefore: [] }, [])
  return next !== undefined && isDestructive(next) ? next : undefined
}

/** Returns the step to make now. Only the last of several late notices is sent, and none after the deadline. */
export const dueStep = (site: Site, policy: TrialPolicy, now: Instant, copies?: CopySchedule): NextStep | undefined => {
  const next = nextStep(site, policy, copies)
  if (next === undefined || next.dueAt > now) return undefined
  if (isDestructive(next) || isOfRelocation(next) || next.step === 'copy') return next
  const end = nextDestructiveStep(site, policy)
  if (end === undefined) return undefined
  if (end.dueAt <= now) return end
  const days = next.step === 'remind' ? reminderDays(site, policy) : policy.warningDaysBefore
  const deadline = plusDays(next.dueAt, next.daysBefore)
  const daysBefore = Math.min(...passedNotices(days, deadline, now))
  return { step: next.step, daysBefore, dueAt: plusDays(deadline, -daysBefore) }
}

export const passedNotices = (daysBefore: readonly number[], end: Instant, now: Instant): readonly number[] =>
  daysBefore.filter((days) => plusDays(end, -days) <= now)

/** Reminders that are not sent any more. */
export const passedReminders = (trialEndsAt: Instant, policy: TrialPolicy, now: Instant): readonly number[] =>
  passedNotices(policy.reminderDaysBefore, trialEndsAt, now)

/** A new deadline is warned of again. */
export const unwarned = (site: KeptSite) => (site.status === 'archived' ? { warned: [] } : {})

export interface DueEntry {
  readonly kind: 'notice' | 'destructive' | 'deletion' | 'operation' | 'relocation' | 'copy'
  readonly at: Instant
}

/** Somebody asked for it by name. Not subject to the rate limit, so it has its own queue. */
const isOwnDeletion = (site: Site): boolean =>
  isBeside(site) ||
  ((site.status === 'suspended' || site.status === 'archived') &&
    (site.deletion?.by === 'owner' || site.suspendedBecause === 'moved'))

export const purgeRequestEnds = ({ at }: NonNullable<ArchivedSite['purgeRequest']>): Instant => plusDays(at, 1)

/** Until when a restore that failed waits: also for the operator who may agree to another's purge. Undefined if none failed. */
export const restoreWaitsUntil = ({ restoreNotBefore: at, purgeRequest }: ArchivedSite): Instant | undefined =>
  at && latest(at, purgeRequest && purgeRequestEnds(purgeRequest))

/**
 * When a restore that failed begins again; undefined if the site is not to run then. An environment is resumed with its production. A site that was
 * to come home may run elsewhere: only another import brings it back.
 */
export const restoreDueAt = (site: Site, policy: TrialPolicy): Instant | undefined => {
  if (site.status !== 'archived' || site.deletion !== undefined || isBeside(site)) return undefined
  if (site.suspendedBecause === 'moved') return undefined
  const at = restoreWaitsUntil(site)
  return at !== undefined && isEntitled(site, policy, at) ? at : undefined
}

/** Under an operation, or while a restore waits, nothing else is due. */
export const dueEntry = (site: Site, policy: TrialPolicy, copies?: CopySchedule): DueEntry | undefined => {
  if ((isKept(site) || site.status === 'purged') && site.operation !== undefined) {
    return { kind: 'operation', at: site.operation.startedAt }
  }
  const again = restoreDueAt(site, policy)
  if (again !== undefined) return { kind: 'operation', at: again }
  const next = nextStep(site, policy, copies)
  if (next === undefined) return undefined
  if (next.step === 'copy') return { kind: 'copy', at: next.dueAt }
  if (isOfRelocation(next)) return { kind: 'relocation', at: next.dueAt }
  if (!isDestructive(next)) return { kind: 'notice', at: next.dueAt }
  return { kind: isOwnDeletion(site) ? 'deletion' : 'destructive', at: next.dueAt }
}
