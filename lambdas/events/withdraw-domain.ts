import { withdrawDomain } from '../../core/domains/check-domains.ts'
import { isCustomDomainEvent } from '../../core/events/event-names.ts'
import type { Log } from '../../core/ports/context.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

type WithdrawDomainPorts = Parameters<typeof withdrawDomain>[0] & { readonly log: Log }

export const create = (ports: WithdrawDomainPorts) =>
  eventHandler('withdraw-domain', ports.log, async (event) => {
    if (!isCustomDomainEvent(event)) return
    await withdrawDomain(ports, { siteId: event.data.siteId, id: event.aggregate.id })
  })
