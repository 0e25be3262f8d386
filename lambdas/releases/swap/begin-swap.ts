import type { Size } from '../../../core/plan/plan.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { requireIdle } from '../../../core/site/change-site.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { nextGeneration } from '../../../core/site/location.ts'
import type { OperationOf } from '../../../core/site/operation.ts'
import { isAgreed } from '../../../core/site/relocation.ts'
import type { ActiveSite, AsleepSite, LiveSite, Site } from '../../../core/site/site.ts'

export interface Upgrade {
  readonly to: number
  /** Whether the version starts on a copy of the data. */
  readonly migrates: boolean
  /** Whether its command runs before that. */
  readonly runs: boolean
}

/** What a site is to become, and how. */
export interface Swap extends Pick<OperationOf<'upgrade'>, 'target'> {
  /** Whether it starts on a copy of the data. Another blueprint or cell always does. */
  readonly copies: boolean
  /** Whether the new version's command runs before that. */
  readonly runs: boolean
  /** Set for the switch of a relocation, and for its way back, which restores an archive. */
  readonly relocates?: true
  readonly restores?: Archive['id']
  /** Set if its owner uploaded that archive: how much data it may have. */
  readonly maxBytes?: number
  /** Set if somebody chose the cell of the target. */
  readonly namesCell?: true
  /** Set if the site's cell is lost, so that its present data cannot be copied. */
  readonly isLost?: true
  /** The target starts without data, and the present data becomes an archive. */
  readonly empty?: true
  /** Its version is that which a roll-out had assigned. */
  readonly isAssigned?: true
  readonly reason?: string
}

const startsOnCopy = ({ blueprint, cell }: Site, { target, copies }: Swap): boolean =>
  copies || (target.blueprint?.name ?? blueprint.name) !== blueprint.name || (target.cell ?? cell) !== cell

/**
 * A site that sleeps also gets the former version that a roll-out has assigned to it: no other swap starts the present one again. A newer
 * version comes afterwards, from its roll-out. What was agreed on is not changed.
 */
const withAssigned = (site: LiveSite, swap: Swap): Swap => {
  const due = site.status === 'asleep' ? site.upgradeDue : undefined
  const { target, copies, runs, relocates } = swap
  if (due === undefined || due.to > site.blueprint.version || target.blueprint || relocates) return swap
  if (isAgreed(site.relocation)) return swap
  const blueprint = { ...site.blueprint, version: due.to }
  const prepared = { copies: copies || due.migrates, runs: runs || due.runs }
  return { ...swap, ...prepared, target: { ...target, blueprint }, isAssigned: true }
}

const copyFor = (
  { empty, restores, maxBytes, isLost }: Swap,
  generation: number,
  { actor, randomness }: ChangeContext,
): OperationOf<'upgrade'>['copy'] => ({
  archiveId: randomness.id('arc'),
  generation,
  ...(empty && { empty }),
  ...(restores && { restores, askedBy: actor.kind }),
  ...(maxBytes && { maxBytes }),
  ...(isLost && { isLost }),
})

/** A wake that has begun becomes the upgrade; any other operation goes first. */
export const beginSwap = (site: LiveSite, asked: Swap, context: ChangeContext): SiteChange<ActiveSite> => {
  const swap = withAssigned(site, asked)
  if (site.operation?.kind !== 'wake') requireIdle(site)
  const { failedUpgrade, failedMove: _, ...others } = site
  // No roll-out wanted a restore, so what the record says of the last upgrade stays until it is done.
  const { blueprint, configuration } = swap.target
  const isUpgrade = blueprint !== undefined && swap.restores === undefined
  const kept = { ...others, ...(!isUpgrade && failedUpgrade && { failedUpgrade }) }
  const more = swap.reason === undefined ? {} : { reason: swap.reason }
  const generation = nextGeneration(site)
  const isCopied = startsOnCopy(site, swap)
  const operation: OperationOf<'upgrade'> = {
    ...begun(site, 'upgrade', context),
    kind: 'upgrade',
    target: swap.target,
    ...(configuration !== undefined && asked.target.blueprint === undefined && { actor: context.actor }),
    ...(swap.isAssigned && { isAssigned: swap.isAssigned }),
    ...(swap.relocates && { relocates: swap.relocates }),
    ...(swap.namesCell && { namesCell: swap.namesCell }),
    ...(isCopied && { copy: copyFor(swap, generation, context) }),
    ...(swap.runs && { command: 'due' }),
  }
  if (kept.status === 'asleep') return wakeInto(kept, operation, context, more)
  const after: ActiveSite = { ...kept, ...(isCopied && { generationsUsed: generation }), operation }
  const details = { operation: 'upgrade', ...more }
  return siteChange({ transition: 'begin', before: site, after, details }, context)
}

/**
 * Begins to give a site the size of its plan, or to start it with its URL.
 * @param sizes.from the present size, recorded if it was not.
 */
export const beginPlanChange = (
  site: ActiveSite,
  { from, to }: { readonly from: Size; readonly to: Size },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { planNotBefore: _, ...kept } = site
  const swap = { target: { size: to }, copies: false, runs: false }
  return { ...beginSwap({ ...kept, size: from }, swap, context), before: site }
}

export const beginUpgrade = (
  site: LiveSite,
  { to, migrates, runs = false }: Omit<Upgrade, 'runs'> & Partial<Upgrade>,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const target = { blueprint: { ...site.blueprint, version: to } }
  return beginSwap(site, { target, copies: migrates, runs }, context)
}

/**
 * Begins an upgrade of a site that sleeps: its wake starts the new version, on a copy of the data if that migrates. Visitors are held until
 * it answers, or the former version does.
 */
const wakeInto = (
  site: AsleepSite,
  operation: OperationOf<'upgrade'>,
  context: ChangeContext,
  more: { readonly reason?: string } = {},
): SiteChange<ActiveSite> => {
  const { asleepSince: _, timesAfter: __, upgradeDue: ___, dormantSince: ____, ...kept } = site
  const after: ActiveSite = {
    ...kept,
    ...(operation.copy && { generationsUsed: operation.copy.generation }),
    status: 'active',
    operation: { ...operation, pausedAt: operation.startedAt, atWake: true },
  }
  const details = { to: operation.target.blueprint?.version, ...more }
  return siteChange({ transition: 'wake', before: site, after, details }, context)
}

/** Begins to give a site the data of an archive, and the version that it was made with. */
export const beginDataRestore = (
  site: LiveSite,
  { archive, reason }: { readonly archive: Archive; readonly reason?: string },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const why = reason === undefined ? {} : { reason }
  const swap = { target: { blueprint: archive.blueprint }, copies: true, runs: false, restores: archive.id, ...why }
  return beginSwap(site, swap, context)
}

/**
 * Has the next wake of a site upgrade it. The version that it has, which needs no upgrade, takes an earlier assignment back.
 * @param wanted.keepsTimes it wakes its sites at the same times as the version that the site would have started with.
 */
export const assignVersion = (
  site: AsleepSite,
  wanted: Upgrade & { readonly keepsTimes?: boolean },
  context: ChangeContext,
): SiteChange<AsleepSite> => {
  requireIdle(site)
  const { upgradeDue: _, failedUpgrade: __, ...kept } = site
  const { to, migrates, runs, keepsTimes } = wanted
  const after: AsleepSite = {
    ...kept,
    // Other times that have passed would wake at once all whom the roll-out left asleep. At the same ones, it is to wake anyway.
    ...(!keepsTimes && { timesAfter: context.clocks.wall() }),
    ...(to !== site.blueprint.version && { upgradeDue: { to, migrates, runs } }),
  }
  return siteChange({ transition: 'assignVersion', before: site, after, details: { to } }, context)
}
