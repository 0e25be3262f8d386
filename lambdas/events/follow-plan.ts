import { isSiteEvent } from '../../core/events/event-names.ts'
import type { FollowPlanPorts } from '../../core/site/resize/follow-plan.ts'
import { followPlan } from '../../core/site/resize/follow-plan.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

/** A plan of another size is followed at once; what was under way then is waited for, and its end is heard of. */
export const create = (ports: FollowPlanPorts) =>
  eventHandler('follow-plan', ports.log, async (event) => {
    if (!isSiteEvent(event)) return
    const previousPlan = 'previousPlan' in event.data ? event.data.previousPlan : undefined
    await followPlan(ports, event.aggregate.id, event.id, { previousPlan })
  })
