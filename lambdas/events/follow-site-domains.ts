import { followSite } from '../../core/domains/look-at-domain.ts'
import type { DomainPorts } from '../../core/domains/look-up-domain.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

export const create = (ports: DomainPorts) =>
  eventHandler('follow-site-domains', ports.log, async (event) => {
    if (isSiteEvent(event)) await followSite(ports, event.aggregate.id, event.id)
  })
