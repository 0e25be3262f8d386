import type { DomainEvent } from '../events/event.ts'

/** Where events go out to whoever subscribed. */
export interface EventBus {
  /** Publishes in order. An event may arrive more than once. */
  readonly publish: (events: readonly DomainEvent[]) => Promise<void>
}

export interface MailMessage {
  /** The same id sent again is one message. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** The sign-in code in it, where there is one. */
  readonly code?: string
  readonly links: readonly string[]
  /** When it is of no more use to anybody: not delivered by then, it no longer is. */
  readonly expiresAt?: string
}

export interface Mailer {
  /** Takes a message over durably; delivery comes later and is not waited for. */
  readonly send: (message: MailMessage) => Promise<void>
}
