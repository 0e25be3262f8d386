import type { CustomDomainEvent, DomainEvent } from './event.ts'

export const isCustomDomainEvent = (event: DomainEvent): event is CustomDomainEvent => event.aggregate.type === 'domain'
