import { createHash } from 'node:crypto'
import type { NodemailerError } from 'nodemailer'
import type { StoredMessage } from './spool.ts'

export interface SmtpSettings {
  /** Such as `smtps://user:password@smtp.example.com`. A secret: it may hold a password. */
  readonly url: string
  /** The sender, such as `Sitewright <no-reply@example.com>`. */
  readonly from: string
}

/** `refused` is for good; a message that is `postponed` may go through later. */
export type DeliveryOutcome =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'refused' | 'postponed'; readonly reason: string }

/** Delivers one message. Never rejects. */
export type Deliver = (message: StoredMessage) => Promise<DeliveryOutcome>

const domainOf = (from: string): string => /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'localhost'

/** The same for each attempt, so that a second copy after a lost reply can be told for one. */
const messageIdOf = (id: string, from: string): string =>
  `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@${domainOf(from)}>`

const isNodemailerError = (error: unknown): error is NodemailerError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** Servers repeat an address in spellings of their own. */
const anyAddress = /[^\s<>]+@[^\s<>]+/g

/** What went wrong, on one line, without anything that we sent: no password, address or code. */
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
 * Only a refusal of this recipient or this content is for good. A server that refuses our login or sender would refuse
 * every message: that is for an operator to put right, and then they all go through.
 */
const isRefusal = (error: unknown): boolean =>
  isNodemailerError(error) && (error.responseCode ?? 0) >= 500 && ['RCPT TO', 'DATA'].includes(error.command ?? '')

/**
 * Delivers to an SMTP server, a connection for each message. nodemailer is loaded when the first one is due.
 * @throws {TypeError} where the URL is none of SMTP.
 */
export const createSmtpTransport = ({ url, from }: SmtpSettings): Deliver => {
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
  let transport: ReturnType<typeof connect> | undefined

  return async (message) => {
    try {
      transport ??= connect()
      const { id, to, subject, text, html } = message
      await (await transport).sendMail({
        messageId: messageIdOf(id, from),
        date: new Date(message.sentAt),
        from,
        // An object is one address, whatever it holds; text would be parsed as a list.
        to: { name: '', address: to },
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
