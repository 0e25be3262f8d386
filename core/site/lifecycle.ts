import { SitewrightError } from '../errors.ts'
import type { Site, SiteStatus } from './site.ts'

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
  retry: { from: ['building'], to: 'building', event: 'SiteBuildRetried', verb: 'be built again' },
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
  changeUrl: { from: kept, to: 'same', event: 'SiteUrlChanged', verb: 'change its URL' },
  suspend: { from: live, to: 'suspended', event: 'SiteSuspended', verb: 'be suspended' },
  resume: { from: ['suspended'], to: 'active', event: 'SiteResumed', verb: 'be resumed' },
  archive: { from: ['suspended'], to: 'archived', event: 'SiteArchived', verb: 'be archived' },
  restore: { from: ['archived'], to: 'active', event: 'SiteRestored', verb: 'be restored' },
  purge: { from: ['archived', 'suspended'], to: 'purged', event: 'SitePurged', verb: 'be deleted permanently' },
  remind: { from: live, to: 'same', event: 'SiteReminded', verb: 'send a reminder' },
  warn: { from: ['archived'], to: 'same', event: 'SiteWarned', verb: 'send a warning' },
  skipNotices: { from: [...live, 'archived'], to: 'same', event: 'SiteNoticesSkipped', verb: 'skip notices' },
  extend: { from: kept, to: 'same', event: 'TrialExtended', verb: 'be extended' },
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
  showCredentials: { from: kept, to: 'same', event: 'SiteCredentialsShown', verb: 'show its credentials' },
  noteDown: { from: ['active'], to: 'same', event: 'SiteDown', verb: 'be reported as down' },
  enterAsSupport: { from: live, to: 'same', event: 'SiteSupportEntered', verb: 'be entered by support' },
  noteStorage: { from: ['active'], to: 'same', event: 'SiteStorageNoted', verb: 'report its storage' },
} as const satisfies Readonly<Record<string, Transition>>

export type TransitionName = keyof typeof transitions

export const isFinal = (status: SiteStatus): boolean =>
  Object.values<Transition>(transitions).every(({ from, to }) => to === 'same' || !from.includes(status))

/** @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireTransition = (name: TransitionName, site: Site | undefined): Transition => {
  const transition: Transition = transitions[name]
  const allowed = site === undefined ? transition.from.length === 0 : transition.from.includes(site.status)
  if (!allowed) {
    throw new SitewrightError(
      'TransitionNotAllowed',
      `A site that is ${site?.status ?? 'missing'} cannot ${transition.verb}; it must be ${transition.from.join(' or ') || 'new'}.`,
    )
  }
  return transition
}
