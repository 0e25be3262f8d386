import type { DomainEvent } from '../events/event.ts'

export interface EventBus {
  /** In order. An event may be delivered more than once. */
  readonly publish: (events: readonly DomainEvent[]) => Promise<void>
}

export interface MailMessage {
  /** A message with a known id is not sent again. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** The sign-in code, if it has one. */
  readonly code?: string
  readonly links: readonly string[]
  /** Not delivered after this. */
  readonly expiresAt?: string
}

export interface Mailer {
  /** Stores the message durably; delivery follows later. */
  readonly send: (message: MailMessage) => Promise<void>
}
