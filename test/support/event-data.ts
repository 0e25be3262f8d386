import type { SiteEvent } from '../../core/events/event.ts'

type Data = SiteEvent['data']
type Names<One> = One extends unknown ? keyof One : never
type Field<One, Name> = One extends unknown ? (Name extends keyof One ? One[Name] : never) : never

/** Every field that any event of a site may have. */
export type AnyEventData = { readonly [Name in Exclude<Names<Data>, keyof Data>]?: Field<Data, Name> | undefined }

/** The data of an event whose type does not matter to the reader. */
export const dataOf = ({ data }: { readonly data: Data }): AnyEventData & Pick<Data, keyof Data> => data

const required: Partial<Record<SiteEvent['type'], object>> = {
  SiteBuildAdvanced: { step: 'start' },
  SiteStocked: { step: 'open' },
  SiteOpened: { step: 'open' },
  SiteFailed: { step: 'ready' },
  SiteUpgraded: { previousVersion: 1 },
  SiteVersionAssigned: { to: 2 },
  SiteWoke: { milliseconds: 640 },
  SiteSuspended: { because: 'trial-ended' },
  SiteResumed: { trialEndsAt: '2026-05-01T12:00:00.000Z' },
  SiteArchived: { archiveId: 'arc_01jq3v5k8m0000000000000000' },
  SiteRestored: { archiveId: 'arc_01jq3v5k8m0000000000000000' },
  SiteReminded: { daysBefore: 3 },
  SiteWarned: { daysBefore: 3 },
  EnvironmentExtended: { until: '2026-05-01T12:00:00.000Z' },
  TrialExtended: { trialEndsAt: '2026-05-01T12:00:00.000Z' },
  SitePaymentReturned: { because: 'site-purged', returned: { subscriptionId: 'sub_1' } },
  SitePolicyChanged: { policyVersion: 2, previousPolicyVersion: 1 },
  SiteSupportEntered: { reason: 'A test.', until: '2026-05-01T12:00:00.000Z' },
  SiteRehearsalEnded: { because: 'over' },
  SiteProtectionChosen: { ownersOnly: true },
  SiteHeld: { reason: 'A test.' },
  SiteHoldEnded: { reason: 'A test.' },
  SiteOperationBegun: { operation: 'archive' },
  SiteOperationRetried: { operation: 'archive' },
  SiteOperationEnded: { operation: 'archive', outcome: 'done' },
  SitePurgeRequested: { reason: 'A test.' },
  SiteCopied: { archiveId: 'arc_01jq3v5k8m0000000000000000' },
  SiteCopySkipped: { because: 'unused' },
  SiteStorageNoted: { because: 'near' },
  RelocationDrafted: { revision: 1 },
  RelocationAccepted: { revision: 1 },
  RelocationMissed: { because: 'window-passed' },
  RelocationConfirmed: { side: 'relocated' },
}

/** A value for every field that events of this type require. */
export const requiredData = (type: SiteEvent['type']): object => required[type] ?? {}
