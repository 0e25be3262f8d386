import type { DomainPorts } from '../../core/domains/domain-ports.ts'
import { followSite } from '../../core/domains/follow-site.ts'
import { isSiteEvent } from '../../core/events/is-site-event.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

export const create = (ports: DomainPorts) =>
  eventHandler('follow-site-domains', ports.log, async (event) => {
    if (isSiteEvent(event)) await followSite(ports, event.aggregate.id, event.id)
  })
