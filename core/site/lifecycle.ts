import { refuse } from '../errors.ts'
import type { Actor } from '../events/actor.ts'
import { type SiteEvent, siteEventSchema } from '../events/event.ts'
import type { IdempotencyRecord } from '../idempotency.ts'
import type { AccountId } from '../ids.ts'
import type { Context } from '../ports/context.ts'
import { isBeside } from './environment.ts'
import type { OperationKind, OperationOf, ReclaimOperation } from './operation.ts'
import { type KeptSite, ownershipOf, type Site, type SiteStatus } from './site.ts'
import { isCollected, isSameBilling } from './site-billing.ts'

interface Transition {
  /** Empty for a new site. */
  readonly from: readonly SiteStatus[]
  /** `same`: the status does not change. */
  readonly to: SiteStatus | 'same'
  readonly event: string
  /** Completes “A site that is archived cannot …” in messages. */
  readonly verb: string
}

const live = ['active', 'asleep'] as const
const kept = [...live, 'suspended', 'archived'] as const
const stopped = ['suspended', 'archived'] as const

/** Every way a site can change. The code, DynamoDB's conditions and `docs/lifecycle.md` come from this table. */
export const transitions = {
  request: { from: [], to: 'building', event: 'SiteRequested', verb: 'be requested' },
  advance: { from: ['building'], to: 'building', event: 'SiteBuildAdvanced', verb: 'be built further' },
  // A failed one only if it came from another installation: it keeps its id.
  retry: { from: ['building', 'failed'], to: 'building', event: 'SiteBuildRetried', verb: 'be built again' },
  stock: { from: ['building'], to: 'ready', event: 'SiteStocked', verb: 'be added to the pool' },
  open: { from: ['building'], to: 'active', event: 'SiteOpened', verb: 'be opened' },
  fail: { from: ['building'], to: 'failed', event: 'SiteFailed', verb: 'fail' },
  claim: { from: ['ready'], to: 'active', event: 'SiteClaimed', verb: 'be claimed' },
  claimPrepared: { from: ['ready'], to: 'building', event: 'PreparedSiteClaimed', verb: 'be claimed before it starts' },
  retire: { from: ['building', 'ready'], to: 'purged', event: 'SiteRetired', verb: 'be retired' },
  move: { from: ['ready', 'active'], to: 'same', event: 'SiteMoved', verb: 'be moved' },
  upgrade: { from: ['active'], to: 'same', event: 'SiteUpgraded', verb: 'be upgraded' },
  assignVersion: { from: ['asleep'], to: 'same', event: 'SiteVersionAssigned', verb: 'be assigned a version' },
  sleep: { from: ['active'], to: 'asleep', event: 'SiteFellAsleep', verb: 'fall asleep' },
  wake: { from: ['asleep'], to: 'active', event: 'SiteWoke', verb: 'wake' },
  chooseSleep: { from: kept, to: 'same', event: 'SiteSleepChosen', verb: 'change when it sleeps' },
  chooseProtection: { from: kept, to: 'same', event: 'SiteProtectionChosen', verb: 'change who changes it' },
  rename: { from: kept, to: 'same', event: 'SiteRenamed', verb: 'be renamed' },
  changeUrl: { from: kept, to: 'same', event: 'SiteUrlChanged', verb: 'change its URL' },
  suspend: { from: live, to: 'suspended', event: 'SiteSuspended', verb: 'be suspended' },
  resume: { from: ['suspended'], to: 'active', event: 'SiteResumed', verb: 'be resumed' },
  archive: { from: ['suspended'], to: 'archived', event: 'SiteArchived', verb: 'be archived' },
  restore: { from: ['archived'], to: 'active', event: 'SiteRestored', verb: 'be restored' },
  endRehearsal: { from: ['building', ...kept], to: 'purged', event: 'SiteRehearsalEnded', verb: 'end as a rehearsal' },
  purge: { from: ['archived', 'suspended'], to: 'purged', event: 'SitePurged', verb: 'be deleted permanently' },
  remind: { from: live, to: 'same', event: 'SiteReminded', verb: 'send a reminder' },
  warn: { from: ['archived'], to: 'same', event: 'SiteWarned', verb: 'send a warning' },
  skipNotices: { from: [...live, 'archived'], to: 'same', event: 'SiteNoticesSkipped', verb: 'skip notices' },
  extend: { from: kept, to: 'same', event: 'TrialExtended', verb: 'be extended' },
  extendEnvironment: { from: live, to: 'same', event: 'EnvironmentExtended', verb: 'be extended' },
  noteBilling: { from: kept, to: 'same', event: 'SiteBillingChanged', verb: 'change its billing' },
  returnPayment: { from: [...kept, 'purged'], to: 'same', event: 'SitePaymentReturned', verb: 'return a payment' },
  changePlan: { from: kept, to: 'same', event: 'SitePlanChanged', verb: 'change its plan' },
  changePolicy: { from: kept, to: 'same', event: 'SitePolicyChanged', verb: 'change its trial policy' },
  hold: { from: kept, to: 'same', event: 'SiteHeld', verb: 'be held' },
  endHold: { from: kept, to: 'same', event: 'SiteHoldEnded', verb: 'end its hold' },
  begin: { from: kept, to: 'same', event: 'SiteOperationBegun', verb: 'begin an operation' },
  retryOperation: { from: [...kept, 'purged'], to: 'same', event: 'SiteOperationRetried', verb: 'retry its operation' },
  endOperation: { from: [...kept, 'purged'], to: 'same', event: 'SiteOperationEnded', verb: 'end its operation' },
  requestDeletion: { from: stopped, to: 'same', event: 'SiteDeletionRequested', verb: 'be scheduled for deletion' },
  revokeDeletion: { from: stopped, to: 'same', event: 'SiteDeletionRevoked', verb: 'have its deletion cancelled' },
  requestPurge: { from: stopped, to: 'same', event: 'SitePurgeRequested', verb: 'have its purge requested' },
  recordCopy: { from: live, to: 'same', event: 'SiteCopied', verb: 'be copied' },
  skipCopy: { from: live, to: 'same', event: 'SiteCopySkipped', verb: 'skip a copy' },
  showCredentials: { from: kept, to: 'same', event: 'SiteCredentialsShown', verb: 'show its credentials' },
  noteDown: { from: ['active'], to: 'same', event: 'SiteDown', verb: 'be reported as down' },
  enterAsSupport: { from: live, to: 'same', event: 'SiteSupportEntered', verb: 'be entered by support' },
  draftRelocation: { from: live, to: 'same', event: 'RelocationDrafted', verb: 'have a relocation drafted' },
  acceptRelocation: { from: live, to: 'same', event: 'RelocationAccepted', verb: 'have its relocation accepted' },
  announceRelocation: { from: live, to: 'same', event: 'RelocationAnnounced', verb: 'have its relocation announced' },
  missRelocation: { from: live, to: 'same', event: 'RelocationMissed', verb: 'miss its relocation' },
  withdrawRelocation: { from: live, to: 'same', event: 'RelocationWithdrawn', verb: 'have its relocation withdrawn' },
  confirmRelocation: { from: kept, to: 'same', event: 'RelocationConfirmed', verb: 'have its relocation confirmed' },
  noteStorage: { from: ['active'], to: 'same', event: 'SiteStorageNoted', verb: 'report its storage' },
} as const satisfies Readonly<Record<string, Transition>>

export type TransitionName = keyof typeof transitions

export const isFinal = (status: SiteStatus): boolean =>
  Object.values<Transition>(transitions).every(({ from, to }) => to === 'same' || !from.includes(status))

/** @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireTransition = (name: TransitionName, site: Site | undefined): Transition => {
  const transition: Transition = transitions[name]
  const allowed = site === undefined ? transition.from.length === 0 : transition.from.includes(site.status)
  if (allowed) return transition
  const needed = transition.from.join(' or ') || 'new'
  return refuse(`A site that is ${site?.status ?? 'missing'} cannot ${transition.verb}; it must be ${needed}.`)
}

/** Must be free, and are held from this transaction on. */
export interface Reservations {
  readonly hostname?: string
  /** The account that uses its trial. */
  readonly trial?: AccountId
  /** The offer whose own trial that is; absent for the one that an account has ever. */
  readonly trialOf?: string
  readonly idempotency?: IdempotencyRecord
}

export interface SiteChange<After extends Site = Site> {
  readonly before: Site | undefined
  readonly after: After
  readonly event: SiteEvent
  readonly reserve?: Reservations
  readonly release?: Pick<Reservations, 'hostname' | 'trial' | 'trialOf'>
}

export interface ChangeContext extends Pick<Context, 'clocks' | 'randomness'> {
  readonly actor: Actor
  readonly causationId: string
}

/** What events have of the change that they tell. */
export const eventHead = ({ actor, causationId, clocks, randomness }: ChangeContext) =>
  ({ schemaVersion: 1, id: randomness.id('evt'), at: clocks.domain(), actor, causationId }) as const

type EventOf<Name extends TransitionName> = Extract<SiteEvent, { type: (typeof transitions)[Name]['event'] }>

type Derived =
  | 'status'
  | 'previousStatus'
  | 'plan'
  | 'cell'
  | 'blueprint'
  | 'accountId'
  | 'trialOf'
  | 'environmentOf'
  | 'previousPlan'
  | 'billing'
  | 'previousBilling'

type Details<Event extends SiteEvent> = Event extends SiteEvent ? Omit<Event['data'], Derived> : never

interface ChangeParts<Name extends TransitionName, After extends Site> extends Omit<SiteChange<After>, 'event'> {
  readonly transition: Name
}

/** Present unless the event's type has nothing more. */
type WithDetails<Data> = object extends Data ? { readonly details?: Data } : { readonly details: Data }

const billingOf = (site: Site | undefined) => (site !== undefined && 'billing' in site ? site.billing : undefined)

const billingDetails = (before: Site | undefined, after: Site) => {
  const [billing, previousBilling] = [billingOf(after), billingOf(before)]
  if (after.status === 'purged') {
    const isEnd = before?.status !== 'purged' && previousBilling !== undefined && isCollected(previousBilling)
    return isEnd ? { previousBilling } : {}
  }
  if (billing === undefined || isSameBilling(billing, previousBilling)) return {}
  return { billing, ...(previousBilling === undefined ? {} : { previousBilling }) }
}

/**
 * Checks a change against the table of transitions, raises the site's version and makes the event.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 * @throws {Error} where the new state or the event is not the transition's: a mistake of ours.
 */
export const siteChange = <Name extends TransitionName, After extends Site>(
  parts: ChangeParts<Name, After> & WithDetails<Details<EventOf<Name>>>,
  context: ChangeContext,
): SiteChange<After> => {
  const { transition, before, details, reserve, release } = parts
  const { to: target } = requireTransition(transition, before)
  const to = target === 'same' ? before?.status : target
  const after = { ...parts.after, version: (before?.version ?? 0) + 1 }
  if (after.status !== to) throw new Error(`'${transition}' makes a site ${to}, not ${after.status}`)
  const ownership = ownershipOf(after)
  const trialOf = ownership?.trialOf === undefined ? {} : { trialOf: ownership.trialOf }
  const event = siteEventSchema.parse({
    ...eventHead(context),
    type: transitions[transition].event,
    aggregate: { type: 'site', id: after.id },
    version: after.version,
    data: {
      status: after.status,
      plan: after.plan,
      cell: after.cell,
      blueprint: after.blueprint,
      ...(before === undefined ? {} : { previousStatus: before.status }),
      // Subscribers that count, report or mail take events with an account only.
      ...(ownership === undefined || isBeside(after) ? {} : { accountId: ownership.accountId, ...trialOf }),
      ...(after.environmentOf && { environmentOf: after.environmentOf.siteId }),
      // Nobody had the plan of a site in the pool.
      ...(before && ownershipOf(before) && before.plan !== after.plan ? { previousPlan: before.plan } : {}),
      ...billingDetails(before, after),
      ...details,
    },
  })
  return { before, after, event, ...(reserve && { reserve }), ...(release && { release }) }
}

export const begun = (site: Pick<Site, 'id' | 'version'>, kind: OperationKind, { clocks }: ChangeContext) => ({
  id: `${kind}-site-${site.id}-${site.version + 1}`,
  fence: 1,
  startedAt: clocks.wall(),
})

export const handOverOperation = (
  site: Pick<Site, 'id' | 'version'>,
  context: ChangeContext,
): OperationOf<'handover'> => {
  const started = begun(site, 'handover', context)
  return { ...started, kind: 'handover', requestedAt: started.startedAt }
}

/** The operation of a change that makes a site active, and the detail of its event: none unless it waits for its hand-over. */
export const pendingHandOver = (
  site: Pick<Site, 'id' | 'version' | 'handOver'>,
  context: ChangeContext,
): { readonly begins: { readonly operation?: OperationOf<'handover'> }; readonly detail: { operation?: string } } =>
  site.handOver?.status === 'pending'
    ? { begins: { operation: handOverOperation(site, context) }, detail: { operation: 'handover' } }
    : { begins: {}, detail: {} }

/** Whether the clock began the operation and it is not committed: then a payment, an extension or a person overrides it. */
const isUndecidedReclaim = ({ status, operation }: KeptSite): boolean =>
  operation?.kind === 'purge' ||
  (operation?.kind === 'suspend' && (status === 'active' || status === 'asleep')) ||
  (operation?.kind === 'archive' && status === 'suspended')

/** The operation that continues when a person or a payment changes the site. */
export const keptOperation = (site: KeptSite): { readonly operation?: ReclaimOperation } =>
  site.operation === undefined || isUndecidedReclaim(site) ? {} : { operation: site.operation }
