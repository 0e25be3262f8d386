import type { DomainEvent } from '../../core/events/event.ts'
import { eventSource } from '../../core/events/event-names.ts'
import type { EventPattern } from '../../core/events/event-pattern.ts'

type EventType = DomainEvent['type']

export const onEvents = (...types: readonly EventType[]): EventPattern => ({
  source: [eventSource],
  'detail-type': types,
})

/** Events of sites with an owner, without those in the pool. */
export const onOwnersEvents = (...types: readonly EventType[]): EventPattern => ({
  ...onEvents(...types),
  detail: { data: { accountId: [{ exists: true }] } },
})

/** Operations begin often, and seldom because of a payment. */
export const onPayingOperations: EventPattern = {
  ...onEvents('SiteOperationBegun'),
  detail: { data: { accountId: [{ exists: true }], billing: { state: [{ exists: true }] } } },
}

/** A visitor or the clock tried to wake a site, and it did not answer. */
export const onFailedWakes: EventPattern = {
  ...onEvents('SiteOperationEnded'),
  detail: { data: { accountId: [{ exists: true }], operation: ['wake'], outcome: ['failed'] } },
}

export const onActiveSites = (...types: readonly EventType[]): EventPattern => ({
  ...onEvents(...types),
  detail: { data: { status: ['active'] } },
})
