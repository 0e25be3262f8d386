import type { DomainEvent } from '../events/event.ts'
import type { Instant } from '../instant.ts'

export class EventsNotTaken extends Error {
  /** So many were taken before the first that was not. */
  readonly taken: number

  constructor(message: string, taken: number) {
    super(message)
    this.name = 'EventsNotTaken'
    this.taken = taken
  }
}

export interface EventBus {
  /** In order. An event may be delivered more than once. @throws {EventsNotTaken} */
  readonly publish: (events: readonly DomainEvent[]) => Promise<void>
  /** How many events should be published together; one by default. */
  readonly atOnce?: number
}

/** Records of the table's stream that wait for a person: this version cannot read them, and others no longer wait for them. */
export interface UnpublishedRecords {
  readonly keep: (record: unknown) => Promise<void>
}

export interface MailMessage {
  /** A message with a known id is not sent again. */
  readonly id: string
  /** The site that it is about, for logs. */
  readonly siteId?: string
  readonly to: string
  /** The name of the sender; the configured one by default. */
  readonly sender?: string
  /** Who gets the answers; the contact of the installation by default. */
  readonly replyTo?: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly code?: string
  readonly links: readonly string[]
  /** Not delivered after this. */
  readonly expiresAt?: string
}

/** The delivery of a mail. `sent`: a service took it over. `marked-as-spam`: it arrived, and its recipient complained. */
export interface MailStatus {
  readonly status: 'stored' | 'pending' | 'failing' | 'delivered' | 'undeliverable' | 'sent' | 'marked-as-spam'
  /** When it was taken over. */
  readonly at: Instant
  /** Why it was not delivered, without addresses. */
  readonly reason?: string
}

export interface SentMails {
  readonly find: (id: string) => Promise<MailStatus | undefined>
}

export interface Mailer {
  /** Stores the message durably; delivery follows later. */
  readonly send: (message: MailMessage) => Promise<void>
}
