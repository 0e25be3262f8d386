import { isSiteEvent } from '../../core/events/event-names.ts'
import type { BringUpPorts } from '../../core/reconcile/bring-up.ts'
import { bringUpSite } from '../../core/reconcile/bring-up.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

/** Whoever has just taken their site up again waits for it; what cannot be started now is left to the sweep. */
export const create = (ports: BringUpPorts) =>
  eventHandler('start-again', ports.log, async (event) => {
    if (isSiteEvent(event)) await bringUpSite(ports, event.aggregate.id, event.id)
  })
