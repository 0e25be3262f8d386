import type { DomainEvent } from '../../../core/events/event.ts'
import { isSiteEvent, system } from '../../../core/events/event-names.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import { isLive, type LiveSite } from '../../../core/site/site.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import { isOverBudget, type Rollout, type RolloutStore, withFailures } from '../rollout.ts'
import { goesBack, halt } from '../rollout-changes.ts'
import { type FollowPlanPorts, followPlan } from './follow-plan.ts'

interface NoteFailedWakePorts extends Pick<FollowPlanPorts, 'clocks' | 'randomness'> {
  readonly sites: Pick<FollowPlanPorts['sites'], 'get'>
  readonly rollouts: RolloutStore
  readonly blueprints: Pick<BlueprintReader, 'get'>
}

const counting: readonly Rollout['state'][] = ['running', 'paused', 'halted', 'finished']

/** The roll-out with the failure of a site that slept when it got the version; undefined if it does not count, or is counted already. */
const withFailure = (rollout: Rollout | undefined, site: LiveSite): Rollout | undefined => {
  const { failedUpgrade: failure, id: siteId } = site
  if (rollout === undefined || failure?.atWake === undefined) return undefined
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
export const noteFailedWake = async (ports: NoteFailedWakePorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event)) return
  const site = await ports.sites.get(event.aggregate.id)
  if (!isLive(site) || site.failedUpgrade?.atWake === undefined) return
  const { name } = site.blueprint
  const context = { actor: system, causationId: event.id, clocks: ports.clocks, randomness: ports.randomness }
  const blueprint = await ports.blueprints.get(name, site.failedUpgrade.to)
  await retryOnConflict(`The roll-out of ${name}`, async () => {
    const next = withFailure(await ports.rollouts.read(name), site)
    if (next === undefined || blueprint === undefined) return undefined
    const isLate = next.state === 'finished' && isOverBudget(next)
    const change = isLate
      ? halt(next, 'failures', goesBack({ rollout: next, blueprint }), context)
      : { next: { ...next, version: next.version + 1 } }
    return (await ports.rollouts.write(change.next, change.event)) ? undefined : conflict
  })
}

/**
 * Does what follows an operation of an active site, or a change of its plan or URL: counts a failed wake, and gives the site what its plan and its
 * URL say. Each part is idempotent.
 */
export const followOperation = async (
  ports: FollowPlanPorts & NoteFailedWakePorts,
  event: DomainEvent,
): Promise<void> => {
  if (!isSiteEvent(event)) return
  await noteFailedWake(ports, event)
  const previousPlan = 'previousPlan' in event.data ? event.data.previousPlan : undefined
  await followPlan(ports, event.aggregate.id, event.id, { previousPlan })
}
