import { emailHash, emailsIn, normalEmail } from '../../core/email.ts'
import { plusDays } from '../../core/instant.ts'
import { requireOneRecipient } from '../../core/mail/mail-message.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { Mailer, MailMessage, SentMails } from '../../core/ports/delivery.ts'
import { createDelivery, type DeliveryPace } from './delivery.ts'
import { createSmtpTransport, type SmtpSettings } from './smtp-transport.ts'
import { awaitsDelivery, openSpool, type StoredMessage } from './spool.ts'

export interface MailboxOptions {
  readonly directory: string
  /** Without it, messages are kept here to be read and go nowhere. */
  readonly smtp?: SmtpSettings
  /** The wall clock. */
  readonly now: Clock
  readonly log: Log
  readonly pace?: DeliveryPace
  /** How many messages are kept that nothing is left to do for. */
  readonly keep?: number
}

export interface Mailbox extends Mailer, SentMails {
  /** Newest first. `to` is compared without regard to case. */
  readonly list: (filter?: { readonly to?: string; readonly limit?: number }) => Promise<readonly StoredMessage[]>
  /** Deletes the messages to an address and those that name it. @returns false while one of them is still on its way. */
  readonly erase: (emailHash: string) => Promise<boolean>
  /** Waits for the running attempts; other mail is delivered after the next start. */
  readonly close: () => Promise<void>
}

/** The addresses that a message goes to or names. */
const addressesIn = ({ to, subject, text }: StoredMessage): readonly string[] => [to, ...emailsIn(`${subject} ${text}`)]

/** For how long a mail without an end is retried. Source: RFC 5321, section 4.5.4.1. */
const retriedForDays = 5

const expiryOf = ({ expiresAt }: MailMessage, status: 'stored' | 'pending', now: string): { expiresAt?: string } => {
  if (expiresAt !== undefined) return { expiresAt }
  return status === 'stored' ? {} : { expiresAt: plusDays(now, retriedForDays) }
}

const store = (message: MailMessage, status: 'stored' | 'pending', now: string): StoredMessage => ({
  schemaVersion: 1,
  id: message.id,
  ...(message.siteId === undefined ? {} : { siteId: message.siteId }),
  to: message.to,
  subject: message.subject.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim(),
  text: message.text,
  html: message.html,
  ...(message.code === undefined ? {} : { code: message.code }),
  ...(message.sender === undefined ? {} : { sender: message.sender }),
  ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
  links: message.links,
  ...expiryOf(message, status, now),
  sentAt: now,
  status,
  attempts: 0,
  updatedAt: now,
})

/**
 * Opens the mailbox in a directory that no other process uses, and delivers what is left in it. Accepted messages survive any
 * crash; the same id twice is one message.
 */
export const openMailbox = async (options: MailboxOptions): Promise<Mailbox> => {
  const { directory, smtp, now, log } = options
  // With SMTP little is kept of each, for the one purpose of not sending it again.
  const keep = options.keep ?? (smtp === undefined ? 1000 : 10_000)
  const pace = options.pace ?? { firstPauseMilliseconds: 1000, longestPauseMilliseconds: 60_000 }
  const spool = await openSpool(directory, keep, log)
  const delivery = smtp && createDelivery({ spool, deliver: createSmtpTransport(smtp), now, log, pace })
  const beingStored = new Map<string, Promise<void>>()
  delivery?.wake()

  const takeOver = async (message: MailMessage): Promise<void> => {
    await spool.put(store(message, delivery === undefined ? 'stored' : 'pending', now()))
    delivery?.wake()
  }

  return {
    send: async (message) => {
      requireOneRecipient(message.to)
      if (spool.get(message.id) !== undefined) return
      const storing = beingStored.get(message.id) ?? takeOver(message)
      beingStored.set(message.id, storing)
      try {
        await storing
      } finally {
        beingStored.delete(message.id)
      }
    },
    find: async (id) => {
      const message = spool.get(id)
      if (message === undefined) return undefined
      const { status, sentAt: at, lastError: reason } = message
      return { status, at, ...(reason === undefined ? {} : { reason }) }
    },
    list: async ({ to, limit } = {}) => {
      const wanted = to && (normalEmail(to) ?? to).toLowerCase()
      return spool
        .all()
        .toReversed()
        .filter((message) => wanted === undefined || message.to.toLowerCase() === wanted)
        .slice(0, limit)
    },
    erase: async (hash) => {
      const found = spool.all().filter((message) => addressesIn(message).some((address) => emailHash(address) === hash))
      for (const message of found) if (!awaitsDelivery(message)) await spool.remove(message.id)
      return !found.some(awaitsDelivery)
    },
    close: async () => delivery?.close(),
  }
}
