import type { Actor } from '../../core/events/actor.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { eventSource, isCustomDomainEvent, isSiteEvent } from '../../core/events/event-names.ts'
import type { EventPattern } from '../../core/events/event-pattern.ts'
import type { SiteId } from '../../core/ids.ts'
import type { OperationKind } from '../../core/site/operation.ts'

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

/** Events of environments, which name no account. */
export const onEnvironments = (...types: readonly EventType[]): EventPattern => ({
  ...onEvents(...types),
  detail: { data: { environmentOf: [{ exists: true }] } },
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

/** A relocation has switched a site, or switched it back. */
export const onRelocations = (
  ...types: readonly Extract<EventType, 'SiteUpgraded' | 'SitePlanChanged' | 'SiteArchived'>[]
): EventPattern => ({
  ...onEvents(...types),
  detail: { data: { accountId: [{ exists: true }], relocation: ['switched', 'returned'] } },
})

/** An operation of one of these kinds has ended on a site that sleeps. The event of a copy names none. */
export const onSleepersOperations = (...kinds: readonly OperationKind[]): EventPattern => ({
  ...onEvents('SiteCopied', 'SiteOperationEnded'),
  detail: { data: { status: ['asleep'], operation: [{ exists: false }, ...kinds] } },
})

export const onActiveSites = (...types: readonly EventType[]): EventPattern => ({
  ...onEvents(...types),
  detail: { data: { status: ['active'] } },
})

const siteOf = (event: DomainEvent): SiteId | undefined => {
  if (isSiteEvent(event)) return event.aggregate.id
  return isCustomDomainEvent(event) ? event.data.siteId : undefined
}

/** Returns the code of a trigger that works on the site of an event, or of its domain. The event's id is the cause, and its actor the one who asked. */
export const onSite =
  <Ports>(work: (ports: Ports, siteId: SiteId, causationId: string, actor: Actor) => Promise<unknown>) =>
  async (ports: Ports, event: DomainEvent): Promise<void> => {
    const siteId = siteOf(event)
    if (siteId !== undefined) await work(ports, siteId, event.id, event.actor)
  }
