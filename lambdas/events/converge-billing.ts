import { handleBillingEvent } from '../../core/billing/handle-billing-event.ts'
import type { ConvergePorts } from '../../core/billing/read-subscriptions.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

/** The work behind the webhook, and behind what owners do with a site that is paid for. */
export const create = (ports: ConvergePorts) =>
  eventHandler('converge-billing', ports.log, (event) => handleBillingEvent(ports, event))
