import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { RolloutEvent } from '../../core/events/event.ts'
import { type ChangeContext, eventHead } from '../../core/site/lifecycle.ts'
import type { LiveSite } from '../../core/site/site.ts'
import {
  type AnyRollout,
  freshWalk,
  idOf,
  isOfCell,
  isOverBudget,
  isWaking,
  limitOf,
  type Rollout,
  takenOf,
  withFailures,
} from './rollout.ts'

export interface RolloutChange {
  readonly next: AnyRollout
  readonly event?: RolloutEvent
}

/** The event of a change. Its data is about the record after it. */
export const withEvent = <Kind extends AnyRollout>(
  after: Kind,
  type: RolloutEvent['type'],
  context: ChangeContext,
  reason?: string,
): RolloutChange & { readonly next: Kind } => {
  const next: Kind = { ...after, events: after.events + 1 }
  const { state, wave, done, failed, because } = next
  const event: RolloutEvent = {
    ...eventHead(context),
    type,
    aggregate: { type: 'rollout', id: idOf(next) },
    version: next.events,
    data: {
      ...(isOfCell(next) ? { kind: next.kind } : { to: next.to }),
      state,
      wave,
      done,
      failed: failed.length,
      ...(because === undefined ? {} : { because }),
      ...(reason === undefined ? {} : { reason }),
    },
  }
  return { next, event }
}

/**
 * Whether sites of a halted roll-out go back by themselves. A roll-out to a former version is an operator's decision, and so is its end. If
 * the version was good for all others before, those that are tried again take none of them back.
 */
export const goesBack = (work: {
  readonly rollout: Rollout
  readonly blueprint: Pick<Blueprint, 'release'>
}): boolean => {
  const { downFrom, isRepeated } = work.rollout
  return downFrom === undefined && !isRepeated && work.blueprint.release?.backwardCompatible === true
}

/** The versions that new sites do not get when a roll-out halts. */
const heldBackBy = (rollout: AnyRollout): Pick<Rollout, 'heldBack'> => {
  if (isOfCell(rollout) || rollout.downFrom !== undefined || rollout.isRepeated) return {}
  return { heldBack: [...(rollout.heldBack ?? []), rollout.to] }
}

/**
 * Halts a roll-out.
 * @param goesBack whether the version before can use the data: then its sites go back by themselves.
 */
export const halt = (
  rollout: AnyRollout,
  because: NonNullable<Rollout['because']>,
  goesBack: boolean,
  context: ChangeContext,
): RolloutChange => {
  const { bakingUntil: _, endedAt: __, ...kept } = rollout
  const after: AnyRollout = {
    ...kept,
    ...heldBackBy(rollout),
    version: rollout.version + 1,
    because,
    state: goesBack ? 'going-back' : 'halted',
  }
  // Sites that are in progress are found again, in whichever version they end.
  const next: AnyRollout = goesBack
    ? { ...after, chosen: [], done: 0, assigned: 0, skipped: 0, samples: [], walk: freshWalk }
    : after
  return withEvent(next, 'RolloutHalted', context)
}

const counting: readonly Rollout['state'][] = ['running', 'paused', 'halted', 'finished']

/** The roll-out with the failure of a site that slept when it got the version; undefined if it does not count, or is counted already. */
const withFailure = (rollout: Rollout, { failedUpgrade: failure, id: siteId }: LiveSite): Rollout | undefined => {
  if (failure?.atWake === undefined) return undefined
  const { to, triesFrom, state, failed, chosen, assigned = 0 } = rollout
  const isOurs = failure.to === to && failure.at >= triesFrom && counting.includes(state)
  // The roll-out counts a site itself that it wakes.
  const isCounted = [...failed, ...chosen].some((one) => one.siteId === siteId)
  if (!isOurs || isCounted) return undefined
  const { because, cause } = failure
  return {
    ...rollout,
    assigned: Math.max(0, assigned - 1),
    ...withFailures(rollout, [{ siteId, because, ...(cause && { cause }) }]),
  }
}

/**
 * Counts a site that failed to wake with the version of a roll-out, and went back. One that has finished already halts with too many of them:
 * nothing had proved the version for the sites that still sleep.
 */
export const countFailedWake = (
  { rollout, blueprint }: { readonly rollout: Rollout; readonly blueprint: Pick<Blueprint, 'release'> },
  site: LiveSite,
  context: ChangeContext,
): RolloutChange | undefined => {
  const next = withFailure(rollout, site)
  if (next === undefined) return undefined
  const isLate = next.state === 'finished' && isOverBudget(next)
  if (isLate) return halt(next, 'failures', goesBack({ rollout: next, blueprint }), context)
  return { next: { ...next, version: next.version + 1 } }
}

export const isWaveDone = (rollout: AnyRollout): boolean =>
  rollout.total !== undefined &&
  rollout.chosen.length === 0 &&
  (rollout.walk === undefined || (!isWaking(rollout) && takenOf(rollout) >= limitOf(rollout)))

/** Ends a roll-out whose last pass found no site without the version. */
const finish = (rollout: AnyRollout, context: ChangeContext): RolloutChange => {
  const { bakingUntil: _, walk: __, ...kept } = rollout
  const state = rollout.state === 'going-back' ? 'went-back' : 'finished'
  const next: AnyRollout = { ...kept, version: rollout.version + 1, state, endedAt: context.clocks.wall(), samples: [] }
  return withEvent(next, 'RolloutFinished', context)
}

export const nextWave = (rollout: AnyRollout, context: ChangeContext): RolloutChange => {
  if (rollout.walk === undefined) return finish(rollout, context)
  const { bakingUntil: _, ...kept } = rollout
  const next: AnyRollout = { ...kept, version: rollout.version + 1, wave: rollout.wave + 1, samples: [] }
  return withEvent(next, 'RolloutWaveFinished', context)
}
