import fc from 'fast-check'
import { isErrorOfKind } from '../../../core/errors.ts'
import { plusDays } from '../../../core/instant.ts'
import { isSameSize } from '../../../core/plan/plan.ts'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { dueStep, isDestructive, nextStep } from '../../../core/site/next-step.ts'
import type { OperationKind } from '../../../core/site/operation.ts'
import type { Relocation } from '../../../core/site/relocation.ts'
import {
  isKept,
  isLive,
  type KeptSite,
  type LiveSite,
  type Site,
  type SiteIn,
  type SiteStatus,
} from '../../../core/site/site.ts'
import { billingStates, type SiteBilling } from '../../../core/site/site-billing.ts'
import { changeBilling } from '../../../lambdas/billing/change-billing.ts'
import { returnPayment } from '../../../lambdas/billing/unwanted-subscriptions.ts'
import { changeUrl } from '../../../lambdas/domains/follow-url.ts'
import { changePlan, endHold, holdSite } from '../../../lambdas/endings/act-on-site.ts'
import { archiveSite, beginArchiving } from '../../../lambdas/endings/archive-site.ts'
import { skipCopy } from '../../../lambdas/endings/copy/begin-copies.ts'
import { beginCopy, endPause, pauseForCopy, recordCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { requestDeletion, revokeDeletion } from '../../../lambdas/endings/delete-site.ts'
import { beginSuspension, suspendSite } from '../../../lambdas/endings/end-site.ts'
import { beginPurge, confirmPurge, purgeSite, requestPurge } from '../../../lambdas/endings/purge-site.ts'
import { beginRestore, restoreSite } from '../../../lambdas/endings/restore-site.ts'
import { resumeSite } from '../../../lambdas/endings/resume-site.ts'
import { termsOfOperator, termsOfOwner } from '../../../lambdas/endings/resume-terms.ts'
import { noteSupportEntry } from '../../../lambdas/operators/entrance/open-entrance.ts'
import {
  assignVersion,
  beginDataRestore,
  beginPlanChange,
  beginSwap,
  beginUpgrade,
} from '../../../lambdas/releases/swap/begin-swap.ts'
import { abortSwap, endAbortedSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import { holdRequests, isMoved, moveOver, noteCopy, timeStart } from '../../../lambdas/releases/swap/swap-changes.ts'
import { noteForecast } from '../../../lambdas/relocations/note-rehearsal.ts'
import {
  acceptRelocation,
  announceRelocation,
  confirmRelocation,
  draftRelocation,
  missRelocation,
  withdrawRelocation,
} from '../../../lambdas/relocations/relocation-changes.ts'
import { protectSite, renameSite } from '../../../lambdas/sites/change-settings.ts'
import { endHandOver, retryHandOver, showCredentials } from '../../../lambdas/sites/hand-over/hand-over-changes.ts'
import { retryOperation } from '../../../lambdas/sites/heal-work.ts'
import { noteStorageLevel } from '../../../lambdas/sites/run/meter-storage.ts'
import { noteDown } from '../../../lambdas/sites/run/run-changes.ts'
import { chooseSleep } from '../../../lambdas/sleep/choose-sleep.ts'
import { beginSleep, fallAsleep } from '../../../lambdas/sleep/sleep-site.ts'
import { beginWake, wake, wakeAfterCopy } from '../../../lambdas/sleep/wake-site.ts'
import { remindOwner, skipNotices, warnOwner } from '../../../lambdas/trials/act-on-deadlines.ts'
import { extendByOperator, extendByOwner } from '../../../lambdas/trials/extend-trial.ts'
import { changePolicy } from '../../../lambdas/trials/move-policy.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'
import { archiveNumbered } from './kept-sites.ts'

/** Undefined where it does not apply to a site as it is: its caller has to know. */
export type Act = (site: Site, context: ChangeContext) => SiteChange | undefined

const endpoint = { host: '127.0.0.1', port: 42_000 }
const small = { cpu: 0.5, memoryMiB: 1024, processes: 128 }
const large = { cpu: 1, memoryMiB: 2048, processes: 512 }
const later = { ...policy, version: 2, trialDays: 30, warningDaysBefore: [30, 5] }

const refusable =
  (act: Act): Act =>
  (site, context) => {
    try {
      return act(site, context)
    } catch (error) {
      const kinds = ['OperationInProgress', 'ExtensionUsed', 'PaymentRequired', 'TransitionNotAllowed'] as const
      if (isErrorOfKind(error, ...kinds)) return undefined
      throw error
    }
  }

const kept = (act: (site: KeptSite, context: ChangeContext) => SiteChange | undefined): Act =>
  refusable((site, context) => (isKept(site) ? act(site, context) : undefined))

const whileIn = <Status extends SiteStatus>(
  statuses: readonly Status[],
  act: (site: SiteIn<Status>, context: ChangeContext) => SiteChange | undefined,
): Act =>
  refusable((site, context) => {
    const isIn = (one: Site): one is SiteIn<Status> => statuses.some((status) => status === one.status)
    return isIn(site) ? act(site, context) : undefined
  })

const whileUnder = <Status extends SiteStatus, Kind extends OperationKind>(
  status: Status,
  kind: Kind,
  act: (site: SiteIn<Status> & SiteUnder<Kind>, context: ChangeContext) => SiteChange | undefined,
): Act =>
  refusable((site, context) => {
    const isIt = (one: Site): one is SiteIn<Status> & SiteUnder<Kind> =>
      one.status === status && 'operation' in one && one.operation?.kind === kind
    return isIt(site) ? act(site, context) : undefined
  })

/** What the sweep begins or sends. */
const byTheClock = kept((site, context) => {
  const due = dueStep(site, policy, context.clocks.domain())
  if (site.operation !== undefined || due === undefined) return undefined
  const next = nextStep(site, policy)
  if (next !== undefined && !isDestructive(next) && isDestructive(due) && site.status !== 'suspended') {
    return skipNotices(site, policy, context)
  }
  if (due.step === 'remind' && isLive(site)) return remindOwner(site, due.daysBefore, context)
  if (due.step === 'warn' && site.status === 'archived') return warnOwner(site, due.daysBefore, context)
  if (due.step === 'suspend' && isLive(site)) return beginSuspension(site, context)
  if (due.step === 'archive' && site.status === 'suspended') return beginArchiving(site, context)
  return due.step === 'purge' && !isLive(site) ? beginPurge(site, context) : undefined
})

/** What the state machines do with a running operation, each at its step. */
const onward: readonly Act[] = [
  whileUnder('active', 'suspend', (site, context) => suspendSite(site, { because: 'trial-ended' }, context)),
  whileUnder('asleep', 'suspend', (site, context) => suspendSite(site, { because: 'trial-ended' }, context)),
  whileUnder('active', 'handover', (site, context) =>
    endHandOver(site, { status: 'done', at: context.clocks.domain() }, context),
  ),
  whileUnder('active', 'handover', (site, context) =>
    endHandOver(site, { status: 'failed', at: context.clocks.domain(), reason: 'no' }, context),
  ),
  whileUnder('active', 'sleep', (site, context) => fallAsleep(site, context)),
  whileUnder('asleep', 'wake', (site, context) => wake(site, { endpoint, size: small }, context)),
  whileUnder('asleep', 'copy', (site, context) =>
    recordCopy(site, { ...archiveNumbered(1, { kind: 'owner' }), id: site.operation.archiveId }, context),
  ),
  whileUnder('suspended', 'archive', (site, context) =>
    archiveSite(site, { ...archiveNumbered(1), id: site.operation.archiveId, at: context.clocks.domain() }, context),
  ),
  whileUnder('archived', 'restore', (site, context) => restoreSite(site, endpoint, [], context)),
  whileUnder('archived', 'purge', (site, context) => purgeSite(site, context)),
  whileUnder('suspended', 'purge', (site, context) => purgeSite(site, context)),
  whileUnder('active', 'copy', (site, context) => pauseForCopy(site, context)),
  whileUnder('active', 'copy', (site, context) =>
    site.operation.pausedAt === undefined ? undefined : endPause(site, endpoint, context),
  ),
  whileUnder('active', 'copy', (site, context) =>
    site.operation.pausedMilliseconds === undefined || site.operation.pausedAt !== undefined
      ? undefined
      : recordCopy(site, { ...archiveNumbered(1, { kind: 'owner' }), id: site.operation.archiveId }, context),
  ),
  whileUnder('active', 'upgrade', (site, context) => (isMoved(site) ? undefined : timeStart(site, context))),
  whileUnder('active', 'upgrade', (site, context) => (isMoved(site) ? undefined : holdRequests(site, context))),
  whileUnder('active', 'upgrade', (site, context) => {
    if (isMoved(site)) return endOperation(site, 'done', context)
    return site.operation.ending === undefined
      ? moveOver(site, { endpoint, launch: { blueprint: {}, size: small } }, context)
      : endAbortedSwap(site, { endpoint, size: small }, context)
  }),
  whileUnder('active', 'upgrade', (site, context) =>
    isMoved(site) || site.operation.copy === undefined ? undefined : noteCopy(site, { bytes: 1, files: 1 }, context),
  ),
  refusable((site, context) => {
    if (!(isKept(site) || site.status === 'purged') || site.operation === undefined) return undefined
    const ends: Partial<Record<OperationKind, SiteStatus>> = {
      suspend: 'suspended',
      archive: 'archived',
      purge: 'purged',
      sleep: 'asleep',
    }
    return ends[site.operation.kind] === site.status ? endOperation(site, 'done', context) : undefined
  }),
]

const failures: readonly Act[] = [
  refusable((site, context) =>
    (isKept(site) || site.status === 'purged') && site.operation !== undefined
      ? retryOperation(site, context)
      : undefined,
  ),
  whileUnder('active', 'upgrade', (site, context) =>
    isMoved(site) || site.operation.ending !== undefined
      ? undefined
      : abortSwap(site, { because: 'LaunchFailed', notBefore: context.clocks.wall() }, context),
  ),
  kept((site, context) =>
    site.operation === undefined
      ? undefined
      : endOperation(site, 'refused', context, { reprievedUntil: context.clocks.domain(), because: 'paid' }),
  ),
]

const people: readonly Act[] = [
  kept((site, context) =>
    changeUrl(site, { urlHostname: `v${site.version}.example.com`, urlChange: 'restart' }, context),
  ),
  kept((site, context) => protectSite(site, site.version % 2 === 0, context)),
  kept((site, context) => renameSite(site, `Name ${site.version}`, context)),
  kept((site, context) => chooseSleep(site, site.version % 2 === 0 ? 10 : null, context)),
  kept((site, context) => extendByOwner(site, policy, context)),
  kept((site, context) => extendByOperator(site, { milliseconds: 86_400_000, reason: 'Why not.' }, policy, context)),
  kept((site, context) =>
    changePlan(site, { plan: site.plan === 'trial' ? 'starter' : 'trial', reason: 'Paid.' }, context),
  ),
  kept((site, context) => changePolicy(site, { from: policy, to: later }, context)),
  kept((site, context) => (site.heldSince === undefined ? holdSite : endHold)(site, 'Why not.', context)),
  whileIn(['active', 'asleep'], (site, context) => beginCopy(site, context)),
  whileIn(['active', 'asleep'], (site, context) => beginCopy(site, context, { keep: 2 })),
  whileIn(['active', 'asleep'], (site, context) => skipCopy(site, 'unused', context)),
  whileIn(['active'], (site, context) => beginSleep(site, context)),
  kept((site, context) => noteSupportEntry(site, { reason: 'A question.', until: context.clocks.wall() }, context)),
  kept((site, context) => showCredentials({ ...site, credentials: site.credentials ?? { shownAt: null } }, context)),
  kept((site, context) => retryHandOver({ ...site, handOver: site.handOver ?? { status: 'pending' } }, context)),
  whileIn(['asleep'], (site, context) => beginWake(site, context)),
  whileUnder('asleep', 'copy', (site, context) => wakeAfterCopy(site, context)),
  whileIn(['active'], (site, context) =>
    beginPlanChange(
      site,
      site.size === undefined || isSameSize(small, site.size)
        ? { from: small, to: large }
        : { from: site.size, to: small },
      context,
    ),
  ),
  whileIn(['active'], (site, context) =>
    beginUpgrade(
      site,
      { to: site.blueprint.version + 1, migrates: site.version % 2 === 0, runs: site.version % 3 === 0 },
      context,
    ),
  ),
  whileIn(['active'], (site, context) =>
    beginSwap(
      site,
      {
        target: {
          blueprint: { name: site.blueprint.name === 'lms' ? 'welcome' : 'lms', version: 3 },
          plan: site.plan === 'growth' ? 'starter' : 'growth',
          cell: site.cell === 'fast' ? 'cell-1' : 'fast',
          configuration: site.configuration === undefined ? 1 : 0,
        },
        copies: false,
        runs: true,
      },
      context,
    ),
  ),
  whileIn(['active', 'asleep'], (site, context) => {
    const [archive] = site.archives
    return archive === undefined ? undefined : beginDataRestore(site, { archive, reason: 'Why not.' }, context)
  }),
  whileIn(['asleep'], (site, context) =>
    assignVersion(site, { to: 1 + (site.version % 3), migrates: site.version % 2 === 0, runs: false }, context),
  ),
  whileIn(['asleep'], (site, context) =>
    site.upgradeDue === undefined ? undefined : beginUpgrade(site, site.upgradeDue, context),
  ),
  whileIn(['active', 'asleep'], (site, context) => suspendSite(site, { because: 'operator' }, context)),
  whileIn(['active', 'asleep'], (site, context) =>
    siteChange(
      {
        transition: 'enterAsSupport',
        before: site,
        after: { ...site, version: site.version + 1 },
        details: { reason: 'A test.', until: context.clocks.wall() },
      },
      context,
    ),
  ),
  whileIn(['active'], (site, context) =>
    site.down === undefined ? undefined : noteDown({ ...site, down: site.down }, context),
  ),
  whileIn(['active'], (site, context) =>
    noteStorageLevel(site, site.storage === undefined ? 'near' : undefined, context),
  ),
  whileIn(['active', 'asleep'], (site, context) =>
    suspendSite(
      site,
      { because: 'owner-deletion', deletion: { requestedAt: context.clocks.domain(), by: 'owner' } },
      context,
    ),
  ),
  whileIn(['suspended', 'archived'], (site, context) => requestDeletion(site, context)),
  whileIn(['suspended', 'archived'], (site, context) => revokeDeletion(site, context)),
  whileIn(['suspended', 'archived'], (site, context) =>
    site.purgeRequest === undefined
      ? requestPurge(site, { operatorId: 'staff-7', reason: 'Now.' }, context)
      : confirmPurge(site, 'Now.', context),
  ),
  whileIn(['suspended'], (site, context) => resumeSite(site, termsOfOwner(site, policy, context), policy, context)),
  whileIn(['suspended'], (site, context) => resumeSite(site, termsOfOperator(site, policy, context), policy, context)),
  whileIn(['archived'], (site, context) => beginRestore(site, termsOfOwner(site, policy, context), context)),
]

const anyBilling = ({ version, billing }: KeptSite, now: string): SiteBilling => {
  const state = billingStates[version % billingStates.length] ?? 'active'
  const isOther = version % 7 === 0
  return {
    subscriptionId: isOther ? `sub_${version}` : (billing?.subscriptionId ?? 'sub_1'),
    state,
    plan: version % 3 === 0 ? 'growth' : 'starter',
    interval: 'month',
    currency: 'EUR',
    cancelsAtPeriodEnd: version % 5 === 0,
    endsWithDeletion: false,
    ...(version % 2 === 0 ? { paidThrough: plusDays(now, (version % 40) - 10) } : {}),
    ...(state === 'past-due' ? { pastDueSince: now } : {}),
    ...(state === 'ended' || state === 'paused' ? { endedSince: now } : {}),
    isDisputed: false,
  }
}

const payments: readonly Act[] = [
  kept((site, context) => changeBilling(site, anyBilling(site, context.clocks.domain()), policy, context)),
  refusable((site, context) =>
    isKept(site) || site.status === 'purged'
      ? returnPayment(
          site,
          {
            subscriptionId: 'sub_2',
            because: site.status === 'purged' ? 'site-purged' : 'second-subscription',
            returned: site.version % 2 === 0 ? { amount: 1900, left: 0, currency: 'EUR' } : undefined,
          },
          context,
        )
      : undefined,
  ),
]

const target = { plan: 'growth' }

const asAccepted = (site: LiveSite, relocation: Relocation): LiveSite => ({
  ...site,
  relocation: { ...relocation, state: 'accepted' },
})

/** What sales plan, the owner accepts and the clock does. The switch itself is an upgrade. */
const planning: readonly Act[] = [
  whileIn(['active', 'asleep'], (site, context) => {
    const now = context.clocks.domain()
    const window = { from: plusDays(now, 2), until: plusDays(now, 3), timeZone: 'UTC' }
    return draftRelocation(site, { target, window, confirmDays: 14 }, 'staff-7', context)
  }),
  whileIn(['active', 'asleep'], (site, context) =>
    noteForecast(site, { target, seconds: 60, at: context.clocks.domain(), blueprint: site.blueprint }, context),
  ),
  whileIn(['active', 'asleep'], (site, context) => {
    if (site.relocation === undefined || site.relocation.switched !== undefined) return undefined
    const now = context.clocks.domain()
    const rehearsed = {
      ...site.relocation,
      state: 'draft' as const,
      forecast: { seconds: 60, rehearsedAt: now, blueprint: site.blueprint },
    }
    const window = { from: plusDays(now, 2), until: plusDays(now, 3), timeZone: 'UTC' }
    const acceptance = { revision: rehearsed.revision, personId: 'prsn_01jq3v5k8m0000000000000000' as const }
    return acceptRelocation({ ...site, relocation: { ...rehearsed, window } }, acceptance, policy, context)
  }),
  whileIn(['active', 'asleep'], (site, context) =>
    site.relocation === undefined ? undefined : announceRelocation(asAccepted(site, site.relocation), context),
  ),
  whileIn(['active', 'asleep'], (site, context) =>
    site.relocation === undefined || site.operation !== undefined
      ? undefined
      : missRelocation(asAccepted(site, site.relocation), 'window-passed', context),
  ),
  whileIn(['active', 'asleep'], (site, context) => withdrawRelocation(site, 'Why not.', context)),
  kept((site, context) => confirmRelocation(site, {}, context)),
  kept((site, context) => {
    if (site.relocation === undefined) return undefined
    const switched = { at: context.clocks.domain(), archiveId: 'arc_01jq3v5k8m0000000000000000' as const, back: target }
    return confirmRelocation({ ...site, relocation: { ...site.relocation, state: 'switched', switched } }, {}, context)
  }),
]

/** One of them that applies. */
const anyOf = (acts: readonly Act[]): fc.Arbitrary<Act> =>
  fc.shuffledSubarray([...acts], { minLength: acts.length }).map((shuffled) => (site, context) => {
    for (const act of shuffled) {
      const change = act(site, context)
      if (change !== undefined) return change
    }
    return undefined
  })

/** Anything that is done to a site that has an owner. */
export const keptActs: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(byTheClock) },
  { weight: 8, arbitrary: anyOf(onward) },
  { weight: 1, arbitrary: anyOf(failures) },
  { weight: 3, arbitrary: anyOf(people) },
  { weight: 2, arbitrary: anyOf(payments) },
  { weight: 2, arbitrary: anyOf(planning) },
)
