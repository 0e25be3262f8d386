import type { DomainEvent, SiteEvent } from './event.ts'

export const isSiteEvent = (event: DomainEvent): event is SiteEvent => event.aggregate.type === 'site'
