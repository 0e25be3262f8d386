import type { DomainEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { NextStep } from '../../core/site/next-step.ts'

/** Something that the clock did with a site. */
export interface Visited {
  /** By the domain clock. */
  readonly at: Instant
  readonly siteId: SiteId
  readonly step: NextStep['step']
  /** Of a notice: how many days before the deadline it is for. */
  readonly daysBefore?: number
}

const steps: ReadonlyMap<string, NextStep['step']> = new Map([
  ['SiteReminded', 'remind'],
  ['SiteWarned', 'warn'],
  ['SiteSuspended', 'suspend'],
  ['SiteArchived', 'archive'],
  ['SitePurged', 'purge'],
])

/** What an event says of the clock's work; undefined where a person did it, or it is nothing of a deadline. */
export const visitedIn = (event: DomainEvent): Visited | undefined => {
  const step = steps.get(event.type)
  if (step === undefined || !isSiteEvent(event) || event.actor.kind !== 'system') return undefined
  const notice = 'daysBefore' in event.data ? { daysBefore: event.data.daysBefore } : {}
  return { at: event.at, siteId: event.aggregate.id, step, ...notice }
}

/** The site of whose operation an event says that it failed. */
export const failedIn = (event: DomainEvent): SiteId | undefined =>
  isSiteEvent(event) && event.type === 'SiteOperationEnded' && event.data.outcome === 'failed'
    ? event.aggregate.id
    : undefined
