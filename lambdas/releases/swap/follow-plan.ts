import type { DomainEvent } from '../../../core/events/event.ts'
import { isSiteEvent, system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import { isSameSize, type PlanCatalogue, type Size } from '../../../core/plan/plan.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import type { ActPorts } from '../../../core/site/change-site.ts'
import { startOperationSoon } from '../../../core/site/change-site.ts'
import { type ActiveSite, isLive, type Site } from '../../../core/site/site.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import { beginUrlHook } from '../../sites/hand-over/hand-over-changes.ts'
import type { RolloutStore } from '../rollout.ts'
import { countFailedWake } from '../rollout-changes.ts'
import { beginPlanChange } from './begin-swap.ts'

export interface FollowPlanPorts extends Omit<ActPorts, 'policies'> {
  readonly plans: PlanCatalogue
}

const sizeOfPlan = ({ plans }: PlanCatalogue, id: string | undefined): Size | undefined =>
  plans.find((plan) => plan.id === id)?.size

/** The size a site runs with. If it was not recorded, it is the previous plan's or the trial's. */
const sizeNow = ({ size }: ActiveSite, plans: PlanCatalogue, previousPlan?: string): Size =>
  size ?? sizeOfPlan(plans, previousPlan) ?? plans.trial.size

/** A hand-over that is still to come tells the URL as well. */
const isUrlDue = ({ urlDue, handOver }: ActiveSite): boolean =>
  urlDue === 'restart' || (urlDue === 'hook' && (handOver === undefined || handOver.status === 'done'))

/** Whether a site is due for another size, or its product for its URL. */
export const isPlanChangeDue = (site: Site, plans: PlanCatalogue, now: Instant): boolean => {
  if (site.status !== 'active' || site.operation !== undefined) return false
  if (site.planNotBefore !== undefined && site.planNotBefore > now) return false
  const wanted = sizeOfPlan(plans, site.plan)
  return wanted !== undefined && (isUrlDue(site) || !isSameSize(wanted, sizeNow(site, plans)))
}

/**
 * Begins to give a site the size of its plan, or to tell its product its URL. During another operation nothing is begun: its end is an
 * event, and a sweep looks as well.
 * @param occasion.previousPlan of a plan change, which overrides the pause after a failure.
 */
export const followPlan = async (
  ports: FollowPlanPorts,
  siteId: SiteId,
  causationId: string,
  { previousPlan }: { readonly previousPlan?: string | undefined } = {},
): Promise<void> => {
  const { sites, plans, clocks, randomness } = ports
  const found = await sites.get(siteId)
  if (found?.status !== 'active') return
  const { planNotBefore, ...eager } = found
  const from = sizeNow(found, plans, previousPlan)
  const to = sizeOfPlan(plans, found.plan)
  if (to === undefined) return
  const asked = { ...(previousPlan === undefined ? found : eager), size: from }
  if (!isPlanChangeDue(asked, plans, clocks.wall())) return
  const context = { actor: system, causationId, clocks, randomness }
  const change =
    found.urlDue === 'hook' && isUrlDue(found)
      ? beginUrlHook(found, context)
      : beginPlanChange(found, { from, to }, context)
  // On a conflict, the next event or a sweep begins it.
  if ((await sites.commit(change)).done) await startOperationSoon(ports, change.after)
}

interface NoteFailedWakePorts extends Pick<FollowPlanPorts, 'clocks' | 'randomness'> {
  readonly sites: Pick<FollowPlanPorts['sites'], 'get'>
  readonly rollouts: RolloutStore
  readonly blueprints: Pick<BlueprintReader, 'get'>
}

/** Tells a roll-out that a site failed to wake with its version. */
export const noteFailedWake = async (ports: NoteFailedWakePorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event)) return
  const site = await ports.sites.get(event.aggregate.id)
  if (!isLive(site) || site.failedUpgrade?.atWake === undefined) return
  const { name } = site.blueprint
  const context = { actor: system, causationId: event.id, clocks: ports.clocks, randomness: ports.randomness }
  const blueprint = await ports.blueprints.get(name, site.failedUpgrade.to)
  await retryOnConflict(`The roll-out of ${name}`, async () => {
    const rollout = await ports.rollouts.read(name)
    if (rollout === undefined || blueprint === undefined) return undefined
    const change = countFailedWake({ rollout, blueprint }, site, context)
    if (change === undefined) return undefined
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
