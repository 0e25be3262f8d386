import type { Actor } from '../../core/events/actor.ts'
import type { SiteEvent } from '../../core/events/event.ts'
import { system } from '../../core/events/event-names.ts'
import type { Instant } from '../../core/instant.ts'
import { mailIdOf } from '../../core/mail/mail-message.ts'
import type { MailStatus } from '../../core/ports/delivery.ts'
import type { FailureEvidence } from '../sites/evidence/evidence.ts'

/** Something that happened to a site. */
export interface TimelineEntry {
  readonly id: string
  readonly at: Instant
  readonly kind: 'event' | 'operation' | 'step' | 'mail' | 'failure'
  readonly type: string
  readonly title: string
  readonly who: Actor
  readonly details: Readonly<Record<string, unknown>>
}

type Data = Readonly<Record<string, unknown>>
type Title = string | ((data: Data) => string)

const word = (data: Data, name: string): string => (typeof data[name] === 'string' ? data[name] : '')
const number = (data: Data, name: string): number => (typeof data[name] === 'number' ? data[name] : 0)
const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)

/** The compiler requires words for each type of event. */
const titles: Readonly<Record<SiteEvent['type'], Title>> = {
  SiteRequested: 'Build requested',
  SiteBuildAdvanced: (data) => `Build step ${word(data, 'step')} done`,
  SiteBuildRetried: 'Build retried',
  SiteStocked: 'Added to the pool',
  SiteOpened: 'Opened for its owner',
  SiteFailed: (data) => `Build failed at the step ${word(data, 'step')}`,
  SiteClaimed: 'Claimed from the pool',
  PreparedSiteClaimed: 'Claimed from the pool before its start',
  SiteRetired: 'Retired from the pool',
  SiteMoved: 'Address changed',
  SiteUpgraded: (data) => {
    if ('configuration' in data) return `Started with version ${number(data, 'configuration')} of its configuration`
    return 'restored' in data
      ? `Restored a copy of its data, from version ${number(data, 'previousVersion')}`
      : `Upgraded from version ${number(data, 'previousVersion')}`
  },
  SiteVersionAssigned: (data) => `Gets version ${number(data, 'to')} at its next wake`,
  SiteFellAsleep: 'Fell asleep',
  SiteWoke: (data) =>
    'to' in data ? `Wakes with version ${number(data, 'to')}` : `Woke after ${number(data, 'milliseconds')} ms`,
  SiteSleepChosen: 'Sleep setting changed',
  SiteProtectionChosen: (data) => (data['ownersOnly'] === true ? 'Kept to owners' : 'Opened to developers'),
  SiteRenamed: 'Renamed',
  SiteUrlChanged: 'URL changed',
  SiteSuspended: (data) => `Suspended: ${word(data, 'because')}`,
  SiteResumed: 'Resumed',
  SiteArchived: 'Archived',
  SiteRestored: 'Restored from its archive',
  SiteRehearsalEnded: 'Rehearsal ended',
  SitePurged: 'Purged',
  SiteReminded: (data) => `Reminder sent ${days(number(data, 'daysBefore'))} before the end`,
  SiteWarned: (data) => `Warning sent ${days(number(data, 'daysBefore'))} before the purge`,
  SiteNoticesSkipped: 'Late notices skipped',
  EnvironmentExtended: (data) => `Time of the environment extended to ${word(data, 'until')}`,
  TrialExtended: (data) => `Trial extended to ${word(data, 'trialEndsAt')}`,
  SiteBillingChanged: 'Billing changed',
  SitePaymentReturned: 'Payment returned',
  SitePlanChanged: 'Plan changed',
  SitePolicyChanged: (data) => `Trial policy changed to version ${number(data, 'policyVersion')}`,
  SiteHeld: 'Put on hold',
  SiteHoldEnded: 'Hold ended',
  SiteOperationBegun: (data) => `Operation ${word(data, 'operation')} begun`,
  SiteOperationRetried: (data) => `Operation ${word(data, 'operation')} retried`,
  SiteOperationEnded: (data) => `Operation ${word(data, 'operation')} ended: ${word(data, 'outcome')}`,
  SiteDeletionRequested: 'Deletion requested',
  SiteDeletionRevoked: 'Deletion cancelled',
  SitePurgeRequested: 'Purge requested',
  SiteCopied: (data) => (data['scheduled'] === true ? 'Copied on schedule' : 'Copied'),
  SiteCopySkipped: (data) => `Scheduled copy skipped: ${word(data, 'because')}`,
  SiteDown: 'Did not answer for five minutes',
  SiteStorageNoted: (data) => `Storage: ${word(data, 'because')}`,
  SiteCredentialsShown: 'Credentials shown',
  RelocationDrafted: (data) => `Relocation drafted, revision ${number(data, 'revision')}`,
  RelocationAccepted: (data) => `Relocation accepted, revision ${number(data, 'revision')}`,
  RelocationAnnounced: 'Relocation announced',
  RelocationMissed: (data) => `Relocation missed: ${word(data, 'because')}`,
  RelocationWithdrawn: 'Relocation withdrawn',
  RelocationConfirmed: (data) =>
    data['side'] === 'contract' ? 'Contract changed' : `Relocation confirmed: the site stays ${word(data, 'side')}`,
  SiteSupportEntered: (data) => `Entered by support until ${word(data, 'until')}`,
}

const steps: ReadonlySet<string> = new Set(['SiteBuildAdvanced', 'SiteBuildRetried', 'SiteOperationRetried'])
const operations: ReadonlySet<string> = new Set(['SiteRequested', 'SiteOperationBegun', 'SiteOperationEnded'])

const kindOf = (type: string): TimelineEntry['kind'] => {
  if (steps.has(type)) return 'step'
  return operations.has(type) ? 'operation' : 'event'
}

/** What happened, in a few words. */
export const titleOf = ({ type, data }: SiteEvent): string => {
  const title = titles[type]
  return typeof title === 'string' ? title : title({ ...data })
}

const ofEvent = (event: SiteEvent): TimelineEntry => {
  const { id, at, type, actor: who, causationId, version, data } = event
  return { id, at, kind: kindOf(type), type, title: titleOf(event), who, details: { version, causationId, ...data } }
}

const ofMail = (event: SiteEvent, { status, at, reason }: MailStatus): TimelineEntry => ({
  id: mailIdOf(event),
  at,
  kind: 'mail',
  type: 'Mail',
  title: `Mail to the owner (${status}) about: ${titleOf(event)}`,
  who: system,
  details: { status, about: event.id, ...(reason === undefined ? {} : { reason }) },
})

const ofFailure = ({ id, at, during, error, cause, detail, blueprint }: FailureEvidence): TimelineEntry => ({
  id,
  at,
  kind: 'failure',
  type: 'Failure',
  title: `The ${during} failed: ${detail}`,
  who: system,
  details: { during, error, cause, detail, blueprint },
})

/** An attempt and the end that it recorded have the same name; a site's build ends once. */
const endedBy = (failure: FailureEvidence, { type, causationId }: SiteEvent): boolean =>
  failure.during === 'build' ? type === 'SiteFailed' : type === 'SiteOperationEnded' && causationId === failure.id

/**
 * Joins events with their mails and failures, newest first.
 * @param events newest first.
 * @param mails by the id of the mail.
 */
export const timelineOf = (
  events: readonly SiteEvent[],
  mails: ReadonlyMap<string, MailStatus>,
  failures: readonly FailureEvidence[],
): readonly TimelineEntry[] =>
  events.flatMap((event) => {
    const mail = mails.get(mailIdOf(event))
    return [
      ...(mail === undefined ? [] : [ofMail(event, mail)]),
      ofEvent(event),
      ...failures.filter((failure) => endedBy(failure, event)).map(ofFailure),
    ]
  })
