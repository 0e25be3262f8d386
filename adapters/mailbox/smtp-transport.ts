import { createHash } from 'node:crypto'
import type { NodemailerError } from 'nodemailer'
import { mailDomainOf, senderIn } from '../../core/email.ts'
import type { DeliveryOutcome, StoredMessage } from './spool.ts'

export interface SmtpSettings {
  /** Such as `smtps://user:password@smtp.example.com`. A secret: it may hold a password. */
  readonly url: string
  /** The sender, such as `Sitewright <no-reply@example.com>`. */
  readonly from: string
  /** Who gets answers to mails that name nobody else for them. */
  readonly replyTo: string
}

/** Delivers one message. Never rejects. */
export type Deliver = (message: StoredMessage) => Promise<DeliveryOutcome>

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

const relaysNothing = (response = ''): boolean =>
  // Not in an address, or in the name of a server.
  /\brelay(?:ing)?\b(?![.-]?\w)/i.test(response.replaceAll(anyAddress, ''))

/**
 * Only refusals of this recipient or content are final. An operator has to correct a refused login or sender, and then all
 * messages go through. A server that relays nothing for us says so of each recipient, and is no refusal either.
 */
const isRefusal = (error: unknown): boolean =>
  isNodemailerError(error) &&
  (error.responseCode ?? 0) >= 500 &&
  ['RCPT TO', 'DATA'].includes(error.command ?? '') &&
  !relaysNothing(error.response)

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
