import type { Actor, CustomDomainEvent, DomainEvent, SiteEvent } from './event.ts'

/** Nobody asked for it: the clock, or a platform. */
export const system: Actor = { kind: 'system' }

/** Whose events ours are on a bus. */
export const eventSource = 'sitewright'

export const isCustomDomainEvent = (event: DomainEvent): event is CustomDomainEvent => event.aggregate.type === 'domain'

export const isSiteEvent = (event: DomainEvent): event is SiteEvent => event.aggregate.type === 'site'
