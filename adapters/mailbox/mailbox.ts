import timers from 'node:timers/promises'
import { emailHash, emailsIn, normalEmail } from '../../core/email.ts'
import { plusDays } from '../../core/instant.ts'
import { requireOneRecipient } from '../../core/mail/mail-message.ts'
import type { Clock } from '../../core/ports/context.ts'
import type { Mailer, MailMessage, SentMails } from '../../core/ports/delivery.ts'
import { createSmtpTransport, type Deliver, type DeliveryOutcome, type SmtpSettings } from './smtp-transport.ts'
import { awaitsDelivery, type MailboxLog, openSpool, type Spool, type StoredMessage } from './spool.ts'

interface DeliveryPace {
  /** The pause after the first failure; it doubles from there. */
  readonly firstPauseMilliseconds: number
  readonly longestPauseMilliseconds: number
}

interface Dependencies {
  readonly spool: Spool
  readonly deliver: Deliver
  readonly now: Clock
  readonly log: MailboxLog
  readonly pace: DeliveryPace
}

const attemptsAtOnce = 4
const closePatienceMilliseconds = 5000

/** The rest of a message after its end: enough to recognize it, without code and text. */
const withoutContent = ({ code, ...message }: StoredMessage): StoredMessage => ({
  ...message,
  subject: code ? message.subject.replaceAll(code, '…') : message.subject,
  text: '',
  html: '',
  links: [],
})

const afterAttempt = (message: StoredMessage, result: DeliveryOutcome, updatedAt: string): StoredMessage => {
  const { lastError: _, ...tried } = { ...message, attempts: message.attempts + 1, updatedAt }
  if (result.outcome === 'delivered') return { ...withoutContent(tried), status: 'delivered' }
  if (result.outcome === 'postponed') return { ...tried, status: 'failing', lastError: result.reason }
  return { ...withoutContent(tried), status: 'undeliverable', lastError: result.reason }
}

/**
 * Delivers the spool: new messages first, oldest first, then those whose pause has ended. Each message has its own pauses,
 * so that a failing one delays no other, and is dropped only when it expires. A message may arrive twice if the process ends
 * between the server's acceptance and our note; both copies have one Message-ID.
 */
const createDelivery = ({ spool, deliver, now, log, pace }: Dependencies) => {
  const underWay = new Map<string, Promise<void>>()
  /** When to try again what has failed, in milliseconds of the monotonic clock. After a restart all are due. */
  const dueAt = new Map<string, number>()
  /** Over, though the disk would not take the note of it: not to be delivered again. */
  const over = new Set<string>()
  const dueOf = (id: string): number => dueAt.get(id) ?? 0
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const giveUp = async (message: StoredMessage): Promise<void> => {
    over.add(message.id)
    dueAt.delete(message.id)
    log.error(
      { event: 'mail-expired', id: message.id, attempts: message.attempts },
      'a mail expired before it could be delivered',
    )
    const lastError = ['expired', message.lastError].filter((part) => part !== undefined).join('; before: ')
    await spool.put({ ...withoutContent(message), status: 'undeliverable', updatedAt: now(), lastError })
    over.delete(message.id)
  }

  const attempt = async (message: StoredMessage): Promise<void> => {
    if (message.expiresAt !== undefined && message.expiresAt <= now()) return giveUp(message)
    const result = await deliver(message)
    const after = afterAttempt(message, result, now())
    const details = { id: message.id, attempts: after.attempts, ...(after.lastError && { reason: after.lastError }) }
    if (result.outcome === 'postponed') {
      const pause = Math.min(pace.firstPauseMilliseconds * 2 ** (after.attempts - 1), pace.longestPauseMilliseconds)
      dueAt.set(message.id, performance.now() + pause)
      log.warn(
        { event: 'mail-delayed', ...details, pauseMilliseconds: pause },
        'a mail could not be delivered; it will be tried again',
      )
    } else {
      over.add(message.id)
      dueAt.delete(message.id)
      if (result.outcome === 'refused')
        log.error({ event: 'mail-refused', ...details }, 'a mail was refused permanently')
    }
    await spool.put(after)
    over.delete(message.id)
  }

  const begin = (message: StoredMessage): void => {
    const ending = attempt(message)
      .catch((error: unknown) => log.error({ id: message.id, error: String(error) }, 'a mail could not be noted down'))
      .finally(() => {
        underWay.delete(message.id)
        wake()
      })
    underWay.set(message.id, ending)
  }

  const wake = (): void => {
    clearTimeout(timer)
    if (closed) return
    const waiting = spool
      .all()
      .filter((message) => awaitsDelivery(message) && !underWay.has(message.id) && !over.has(message.id))
    const due = waiting.filter(({ id }) => dueOf(id) <= performance.now()).toSorted((a, b) => dueOf(a.id) - dueOf(b.id))
    for (const message of due.slice(0, attemptsAtOnce - underWay.size)) begin(message)
    // The end of a running attempt checks again.
    if (underWay.size > 0 || waiting.length === 0) return
    const next = Math.min(...waiting.map(({ id }) => dueOf(id)))
    timer = setTimeout(wake, Math.max(1, next - performance.now()))
  }

  return {
    /** Looks for what is due. */
    wake,
    /** Starts no more attempts, and resolves when the running ones have ended or taken too long. */
    close: async (): Promise<void> => {
      closed = true
      clearTimeout(timer)
      // The next process repeats what a slow server takes after this, with the same Message-ID.
      await Promise.race([
        Promise.all(underWay.values()),
        timers.setTimeout(closePatienceMilliseconds, undefined, { ref: false }),
      ])
    },
  }
}

export interface MailboxOptions {
  readonly directory: string
  /** Without it, messages are kept here to be read and go nowhere. */
  readonly smtp?: SmtpSettings
  /** The wall clock. */
  readonly now: Clock
  readonly log: MailboxLog
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
  to: message.to,
  subject: message.subject.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim(),
  text: message.text,
  html: message.html,
  ...(message.code === undefined ? {} : { code: message.code }),
  ...(message.sender === undefined ? {} : { sender: message.sender }),
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
      return message && { status: message.status, at: message.sentAt }
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
