import { createHash } from 'node:crypto'
import timers from 'node:timers/promises'
import type { NodemailerError } from 'nodemailer'
import { mailDomainOf, senderIn } from '../../core/email.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import {
  afterAttempt,
  awaitsDelivery,
  type DeliveryOutcome,
  type Spool,
  type StoredMessage,
  withoutContent,
} from './spool.ts'

export interface SmtpSettings {
  /** Such as `smtps://user:password@smtp.example.com`. A secret: it may hold a password. */
  readonly url: string
  /** The sender, such as `Sitewright <no-reply@example.com>`. */
  readonly from: string
  /** Who gets answers to mails that name nobody else for them. */
  readonly replyTo: string
}

/** Delivers one message. Never rejects. */
type Deliver = (message: StoredMessage) => Promise<DeliveryOutcome>

/** The same for each attempt, so that a second copy after a lost reply can be told for one. */
const messageIdOf = (id: string, from: string): string =>
  `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@${mailDomainOf(from)}>`

const isNodemailerError = (error: unknown): error is NodemailerError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** Servers repeat an address in spellings of their own. */
const anyAddress = /[^\s<>]+@[^\s<>]+/g

/** The failure on one line, without our password, the address or the code. */
const describe = (error: unknown, { code }: StoredMessage): string => {
  if (!isNodemailerError(error)) return error instanceof Error ? error.name : 'unknown error'
  // The server said nothing, so the message is about the connection alone: refused, not found, silent.
  if (error.command === 'CONN' && error.response === undefined)
    return `the mail server cannot be reached: ${error.message}`.slice(0, 300)
  const saysWhatWeSent = error.command?.startsWith('AUTH') ?? false
  const reply = saysWhatWeSent ? error.responseCode : (error.response ?? error.responseCode)
  const text = [error.code, error.command, reply]
    .filter((part) => part !== undefined)
    .join(' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(anyAddress, '…')
    .slice(0, 300)
  return code ? text.replaceAll(code, '…') : text
}

/**
 * Only refusals of this recipient or content are final. An operator has to correct a refused login or sender, and then all
 * messages go through.
 */
const isRefusal = (error: unknown): boolean =>
  isNodemailerError(error) && (error.responseCode ?? 0) >= 500 && ['RCPT TO', 'DATA'].includes(error.command ?? '')

/** Delivers to an SMTP server, one connection a message. Loads nodemailer on first use. @throws {TypeError} for another URL. */
export const createSmtpTransport = ({ url, from, ...usual }: SmtpSettings): Deliver => {
  if (!['smtp:', 'smtps:'].includes(URL.parse(url)?.protocol ?? '')) {
    throw new TypeError('SMTP_URL has to be a URL such as smtps://user:password@smtp.example.com')
  }
  const connect = async () => {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      url,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }
  const own = senderIn(from)
  let transport: ReturnType<typeof connect> | undefined

  return async (message) => {
    try {
      transport ??= connect()
      const { id, to, sender, replyTo = usual.replyTo, subject, text, html } = message
      await (await transport).sendMail({
        messageId: messageIdOf(id, own.address),
        date: new Date(message.sentAt),
        from: { name: sender ?? own.name, address: own.address },
        // An object is one address; text would be parsed as a list.
        to: { name: '', address: to },
        replyTo: { name: '', address: replyTo },
        subject,
        text,
        html,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      return { outcome: 'delivered' }
    } catch (error) {
      return { outcome: isRefusal(error) ? 'refused' : 'postponed', reason: describe(error, message) }
    }
  }
}

export interface DeliveryPace {
  /** The pause after the first failure; it doubles from there. */
  readonly firstPauseMilliseconds: number
  readonly longestPauseMilliseconds: number
}

const attemptsAtOnce = 4
const closePatienceMilliseconds = 5000

/**
 * Delivers the spool: new messages first, oldest first, then those whose pause has ended. Each message has its own pauses,
 * so that a failing one delays no other, and is dropped only when it expires. A message may arrive twice if the process ends
 * between the server's acceptance and our note; both copies have one Message-ID.
 */
export const createDelivery = (options: {
  readonly spool: Spool
  readonly deliver: Deliver
  readonly now: Clock
  readonly log: Log
  readonly pace: DeliveryPace
}) => {
  const { spool, deliver, now, log, pace } = options
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
    const { id, siteId, attempts } = message
    log.error({ event: 'mail-expired', id, siteId, attempts }, 'a mail expired before it could be delivered')
    const lastError = ['expired', message.lastError].filter((part) => part !== undefined).join('; before: ')
    await spool.put({ ...withoutContent(message), status: 'undeliverable', updatedAt: now(), lastError })
    over.delete(message.id)
  }

  const attempt = async (message: StoredMessage): Promise<void> => {
    if (message.expiresAt !== undefined && message.expiresAt <= now()) return giveUp(message)
    const result = await deliver(message)
    const after = afterAttempt(message, result, now())
    const { id, siteId, attempts, lastError } = after
    const details = { id, siteId, attempts, ...(lastError && { reason: lastError }) }
    if (result.outcome === 'postponed') {
      const pause = Math.min(pace.firstPauseMilliseconds * 2 ** (after.attempts - 1), pace.longestPauseMilliseconds)
      dueAt.set(message.id, performance.now() + pause)
      const delayed = { event: 'mail-delayed', ...details, pauseMilliseconds: pause } as const
      log.warn(delayed, 'a mail could not be delivered; it will be tried again')
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
