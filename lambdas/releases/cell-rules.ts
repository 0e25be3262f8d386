import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { isTrialPlan, type Plan } from '../../core/plan/plan.ts'
import { type Archive, newestArchive } from '../../core/site/archive.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { purgeAsIfDue } from '../../core/site/next-step.ts'
import type { Target } from '../../core/site/operation.ts'
import { isRehearsal } from '../../core/site/rehearsal.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import {
  type ArchivedSite,
  isKept,
  isLive,
  type KeptSite,
  type LiveSite,
  type Site,
  type SuspendedSite,
} from '../../core/site/site.ts'
import { mayRunIn, wasRetired } from '../../core/site/site-facts.ts'
import { isOwnBlueprint } from '../deployments/deployment.ts'
import { archiveOf, beginArchiving } from '../endings/archive-site.ts'
import { otherSide } from '../relocations/switch-sides.ts'
import { retireSite } from '../sites/claim/pooled-site.ts'
import { withoutAddress } from '../sites/run/run-changes.ts'
import { type CellRollout, type ChosenSite, type Hold, maxListed } from './rollout.ts'
import { longestWait, type Rules, type RulesPorts, type SiteProgress } from './site-progress.ts'
import { beginSwap } from './swap/begin-swap.ts'

/** The verified copy of a switch that did not finish. Visitors have waited since it was begun, so nothing is newer. */
const copyOfSwitch = (site: KeptSite, now: Instant): Archive | undefined => {
  if (!isLive(site) || site.operation?.kind !== 'upgrade') return undefined
  const { operation } = site
  const { copy, moved } = operation
  return moved || copy?.isLost ? undefined : copy?.done && archiveOf({ ...site, operation }, copy.done, now)
}

/** The newest archive of its data. Of a site for software of its own, that of the vendor's product before it is none. */
const newestOf = ({ archives, blueprint: { name } }: KeptSite, now: Instant): Archive | undefined =>
  newestArchive(isOwnBlueprint(name) ? archives.filter(({ blueprint }) => blueprint.name === name) : archives, { now })

/** The archive that a site of a lost cell gets. */
const archiveFor = (site: Site, now: Instant): Archive | undefined =>
  isKept(site) ? (copyOfSwitch(site, now) ?? newestOf(site, now)) : undefined

/** Why a site stays in the cell; undefined if it leaves. */
const holdOf = (site: Site, { kind, startedAt }: CellRollout): Hold | undefined => {
  if (isRehearsal(site)) return 'rehearsal'
  if (!isKept(site)) return undefined
  // What was agreed on is not changed: the relocation itself takes the site away, or brings it back.
  if (kind === 'drain') return isLive(site) && isAgreed(site.relocation) ? 'relocation' : undefined
  return archiveFor(site, startedAt) === undefined ? 'no-archive' : undefined
}

/** The price of a month, in minor units: a site whose owner pays more comes first. Enterprise is above all prices. */
const rankOf = ({ id, kind, prices }: Plan): number => {
  if (isTrialPlan(id)) return -1
  if (kind === 'enterprise') return Number.POSITIVE_INFINITY
  return Math.max(0, ...prices.map(({ amount, interval }) => (interval === 'year' ? amount / 12 : amount)))
}

const inOrder = (plans: readonly Plan[]): readonly string[] =>
  plans.toSorted((one, other) => (rankOf(one) === rankOf(other) ? 0 : rankOf(other) - rankOf(one))).map(({ id }) => id)

/** Whether an operation takes the site away: a lost cell waits for no other. */
const isLeaving = (site: Site, { kind, cell }: CellRollout): boolean => {
  const operation = isKept(site) ? site.operation : undefined
  if (operation?.kind === 'archive') return kind === 'drain' && operation.early === true
  if (operation?.kind !== 'upgrade' || (operation.target.cell ?? cell) === cell) return false
  if (kind === 'drain' || operation.copy?.isLost === true) return true
  return operation.copy?.done !== undefined && operation.ending === undefined
}

/** Whether it is on its way back to a cell that was lost meanwhile: it would never get there. */
const goesBack = (site: Site, { kind }: CellRollout): boolean => {
  const operation = isLive(site) ? site.operation : undefined
  return kind === 'loss' && operation?.kind === 'upgrade' && operation.ending !== undefined && !operation.copy?.isLost
}

/** Whether it is on its way into a cell that is drained. It leaves when it has arrived. */
const isComing = (site: Site, { kind, cell }: CellRollout): boolean => {
  if (kind === 'loss') return false
  if (site.status === 'archived') return site.cell === cell && site.operation?.kind === 'restore'
  return site.cell !== cell && mayRunIn(site, cell)
}

/** How a site stands that is no longer in the cell, or no longer exists; undefined if it is there. */
const progressOfGone = (site: Site | undefined, rollout: CellRollout, now: Instant): SiteProgress | undefined => {
  const { cell, kind } = rollout
  if (site === undefined || site.status === 'failed') return { is: 'skipped' }
  if (site.status === 'purged') return { is: wasRetired(site) ? 'done' : 'skipped' }
  if ((site.cell === cell && site.status !== 'archived') || isComing(site, rollout)) return undefined
  // No copy is taken of a lost cell, so it has that one.
  return { is: 'done', archiveAt: kind === 'loss' && isKept(site) ? newestOf(site, now)?.at : undefined }
}

const progressIn = (
  site: Site | undefined,
  { at, waitsFrom = at }: ChosenSite,
  rollout: CellRollout,
  now: string,
): SiteProgress => {
  const gone = progressOfGone(site, rollout, now)
  if (site === undefined || gone !== undefined) return gone ?? { is: 'skipped' }
  const because = holdOf(site, rollout)
  if (because !== undefined) return { is: 'held', because }
  if (isLeaving(site, rollout)) return { is: 'underway' }
  const failed = isKept(site) && !goesBack(site, rollout) ? site.failedMove : undefined
  if (failed?.from === rollout.cell && failed.at >= at) return { is: 'failed', because: failed.because }
  if (plusMilliseconds(waitsFrom, longestWait) < now) return { is: 'left' }
  const isBusy = site.status === 'building' || (isKept(site) && site.operation !== undefined)
  return { is: isBusy && rollout.kind === 'drain' ? 'waits' : 'to-begin' }
}

/** What goes with an archive from before the switch of a relocation: the data of after it is lost, so the site is back. */
const backWith = ({ relocation }: KeptSite, { id }: Archive): Target | undefined =>
  relocation?.switched?.archiveId === id ? relocation.switched.back : undefined

/** Suspended data in a lost cell is what its newest archive has, for the version of then. It costs no start, and its owner restores it as any other. */
const archiveLost = (
  site: SuspendedSite,
  purge: string | undefined,
  context: ChangeContext,
): SiteChange | undefined => {
  const archive = newestOf(site, context.clocks.domain())
  if (archive === undefined) return undefined
  const { suspendedAt: _, reprievedUntil: __, operation: ___, upgradedFrom: ____, relocation, ...others } = site
  const back = backWith(site, archive)
  const { configuration: present, ...kept } = others
  const { configuration = present, plan = site.plan } = back ?? {}
  const after: ArchivedSite = {
    ...kept,
    plan,
    ...(configuration && { configuration }),
    ...(relocation && back === undefined && { relocation }),
    blueprint: archive.blueprint,
    status: 'archived',
    archivedAt: context.clocks.domain(),
    warned: [],
    archives: [archive, ...site.archives.filter(({ id }) => id !== archive.id)],
    ...(purge !== undefined && { purgeNotBefore: purge }),
  }
  const lost = relocation && back && ({ relocation: otherSide(relocation), isLost: true } as const)
  const details = { archiveId: archive.id, ...lost }
  return siteChange({ transition: 'archive', before: site, after, details }, context)
}

/** Restores the archive for it in another cell. Whatever was in progress in the lost cell is abandoned, and nobody is served from there. */
const beginRescue = (site: LiveSite, cell: string, context: ChangeContext): SiteChange | undefined => {
  const archive = archiveFor(site, context.clocks.domain())
  if (archive === undefined) return undefined
  const { operation: _, ...kept } = site.status === 'active' ? withoutAddress(site) : site
  const idle = { ...kept, archives: [archive, ...site.archives.filter(({ id }) => id !== archive.id)] }
  const target = { ...backWith(site, archive), cell, blueprint: archive.blueprint }
  const swap = { target, copies: true, runs: false, restores: archive.id, isLost: true } as const
  return { ...beginSwap(idle, swap, context), before: site }
}

/** The rules of a drain, by which sites take their data along, and of a loss, by which they get that of their newest archives. */
export const rulesOfCell = ({ policies, plans }: RulesPorts, rollout: CellRollout): Rules => {
  const { kind, walk } = rollout
  const order = kind === 'loss' ? inOrder(plans.plans) : []
  const isInTier = (site: Site): boolean =>
    kind === 'drain' || site.status === 'ready' || Math.max(0, order.indexOf(site.plan)) === (walk?.tier ?? 0)
  const isKnown = (site: Site): boolean =>
    [...rollout.failed, ...rollout.held].some(({ siteId }) => siteId === site.id) ||
    (holdOf(site, rollout) !== undefined && rollout.held.length >= maxListed)
  const begin: Rules['begin'] = (site, chosen, context, cell) => {
    if (site === undefined || progressIn(site, chosen, rollout, context.clocks.wall()).is !== 'to-begin')
      return undefined
    if (site.status === 'ready') return retireSite(site, context)
    if (site.status === 'suspended') {
      if (kind === 'drain') return beginArchiving(site, context, { early: true })
      return archiveLost(site, purgeAsIfDue(site, policies.find(site.policyVersion)), context)
    }
    if (!isLive(site) || cell === undefined) return undefined
    if (kind === 'loss') return beginRescue(site, cell, context)
    return beginSwap(site, { target: { cell }, copies: true, runs: false }, context)
  }
  return {
    // A build in a lost cell fails by itself.
    statuses: [
      'ready',
      ...(kind === 'drain' ? (['building', 'archived'] as const) : []),
      'active',
      'asleep',
      'suspended',
    ],
    tiers: Math.max(1, order.length),
    isCandidate: (site) =>
      !isKnown(site) &&
      (isComing(site, rollout) || (site.cell === rollout.cell && site.status !== 'archived' && isInTier(site))),
    progressOf: (site, chosen, now) => progressIn(site, chosen, rollout, now),
    begin,
    leaves: true,
    bakeSeconds: 0,
    goesBack: false,
  }
}
