import { SitewrightError } from '../errors.ts'
import type { Site, SiteStatus } from './site.ts'

interface Transition {
  /** Empty for a new site. */
  readonly from: readonly SiteStatus[]
  /** `same`: the status does not change. */
  readonly to: SiteStatus | 'same'
  readonly event: string
}

const kept = ['active', 'suspended', 'archived'] as const

/** Every way a site can change. The code, DynamoDB's conditions and `docs/lifecycle.md` come from this table. */
export const transitions = {
  request: { from: [], to: 'building', event: 'SiteRequested' },
  advance: { from: ['building'], to: 'building', event: 'SiteBuildAdvanced' },
  retry: { from: ['building'], to: 'building', event: 'SiteBuildRetried' },
  stock: { from: ['building'], to: 'ready', event: 'SiteStocked' },
  open: { from: ['building'], to: 'active', event: 'SiteOpened' },
  fail: { from: ['building'], to: 'failed', event: 'SiteFailed' },
  claim: { from: ['ready'], to: 'active', event: 'SiteClaimed' },
  retire: { from: ['ready'], to: 'purged', event: 'SiteRetired' },
  move: { from: ['ready', 'active'], to: 'same', event: 'SiteMoved' },
  suspend: { from: ['active'], to: 'suspended', event: 'SiteSuspended' },
  resume: { from: ['suspended'], to: 'active', event: 'SiteResumed' },
  archive: { from: ['suspended'], to: 'archived', event: 'SiteArchived' },
  restore: { from: ['archived'], to: 'active', event: 'SiteRestored' },
  purge: { from: ['archived', 'suspended'], to: 'purged', event: 'SitePurged' },
  remind: { from: ['active'], to: 'same', event: 'SiteReminded' },
  warn: { from: ['archived'], to: 'same', event: 'SiteWarned' },
  skipNotices: { from: ['active', 'archived'], to: 'same', event: 'SiteNoticesSkipped' },
  extend: { from: kept, to: 'same', event: 'TrialExtended' },
  noteBilling: { from: kept, to: 'same', event: 'SiteBillingChanged' },
  returnPayment: { from: [...kept, 'purged'], to: 'same', event: 'SitePaymentReturned' },
  changePlan: { from: kept, to: 'same', event: 'SitePlanChanged' },
  changePolicy: { from: kept, to: 'same', event: 'SitePolicyChanged' },
  hold: { from: kept, to: 'same', event: 'SiteHeld' },
  endHold: { from: kept, to: 'same', event: 'SiteHoldEnded' },
  begin: { from: kept, to: 'same', event: 'SiteOperationBegun' },
  retryOperation: { from: [...kept, 'purged'], to: 'same', event: 'SiteOperationRetried' },
  endOperation: { from: [...kept, 'purged'], to: 'same', event: 'SiteOperationEnded' },
  requestDeletion: { from: ['suspended', 'archived'], to: 'same', event: 'SiteDeletionRequested' },
  revokeDeletion: { from: ['suspended', 'archived'], to: 'same', event: 'SiteDeletionRevoked' },
  requestPurge: { from: ['suspended', 'archived'], to: 'same', event: 'SitePurgeRequested' },
  recordCopy: { from: ['active'], to: 'same', event: 'SiteCopied' },
  noteStorage: { from: ['active'], to: 'same', event: 'SiteStorageNoted' },
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
      `A site that is ${site?.status ?? 'missing'} cannot ${name}; it must be ${transition.from.join(' or ') || 'new'}.`,
    )
  }
  return transition
}
