import { withdrawDomain } from '../../core/domains/withdraw-domain.ts'
import { isCustomDomainEvent } from '../../core/events/is-custom-domain-event.ts'
import type { Log } from '../../core/ports/context.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

type WithdrawDomainPorts = Parameters<typeof withdrawDomain>[0] & { readonly log: Log }

export const create = (ports: WithdrawDomainPorts) =>
  eventHandler('withdraw-domain', ports.log, async (event) => {
    if (!isCustomDomainEvent(event)) return
    await withdrawDomain(ports, { siteId: event.data.siteId, id: event.aggregate.id })
  })
