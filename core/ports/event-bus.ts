import type { DomainEvent } from '../events/event.ts'

/** Where events go out to whoever subscribed. */
export interface EventBus {
  /** Publishes in order. An event may arrive more than once. */
  readonly publish: (events: readonly DomainEvent[]) => Promise<void>
}
