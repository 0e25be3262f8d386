import {
  AccountSuspendedException,
  BadRequestException,
  MailFromDomainNotVerifiedException,
  MessageRejected,
  NotFoundException,
  type SESv2Client,
  SESv2ServiceException,
  SendEmailCommand,
  type SendEmailRequest,
  SendingPausedException,
} from '@aws-sdk/client-sesv2'
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { senderIn } from '../../core/email.ts'
import { type Instant, plusDays, toEpochSeconds } from '../../core/instant.ts'
import { requireOneRecipient } from '../../core/mail/mail-message.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { Mailer, MailMessage, MailStatus } from '../../core/ports/delivery.ts'
import type { Tables } from '../dynamodb/tables.ts'

const text = (Data: string) => ({ Data, Charset: 'UTF-8' })

const simpleContent = ({ subject, text: plain, html }: MailMessage): NonNullable<SendEmailRequest['Content']> => ({
  Simple: {
    Subject: text(subject.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()),
    Body: { Text: text(plain), Html: text(html) },
    Headers: [{ Name: 'Auto-Submitted', Value: 'auto-generated' }],
  },
})

/** SES takes names beyond ASCII as encoded words of at most 75 characters (RFC 2047). Spam filters count them against ASCII names. */
const nameIn = (text: string): string =>
  /^[ -~]*$/.test(text)
    ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
    : (text.match(/.{1,11}/gsu) ?? []).map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join(' ')

const senderOf = ({ sender }: MailMessage, from: string): string => {
  const { name, address } = senderIn(from)
  const shown = sender ?? name
  return shown === '' ? address : `${nameIn(shown)} <${address}>`
}

/**
 * Sends by SES (SESv2, SendEmail), which queues a message durably. SES has no idempotency token, so sent ids are looked up
 * before and written after: a message may arrive twice, but is never lost. Expired messages are not sent. `send` throws
 * passing errors and those that block all messages; it logs a message that SES refuses permanently, without its recipient.
 * @param options.now the wall clock.
 */
export const createSesMailer = (options: {
  readonly client: SESv2Client
  readonly from: string
  /** Who gets answers to mails that name nobody else for them. */
  readonly replyTo: string
  readonly configurationSet: string
  readonly sent: Pick<SentMail, 'has' | 'add' | 'note'>
  readonly now: Clock
  readonly log: Log
}): Mailer => {
  const { client, from, replyTo, configurationSet, sent, now, log } = options
  const underWay = new Map<string, Promise<void>>()

  /** @returns why SES refuses it permanently, if it does. @throws where it may be sent later. */
  const handOver = async (message: MailMessage): Promise<string | undefined> => {
    const { id, siteId } = message
    try {
      await client.send(
        new SendEmailCommand({
          FromEmailAddress: senderOf(message, from),
          ConfigurationSetName: configurationSet,
          Destination: { ToAddresses: [message.to] },
          ReplyToAddresses: [message.replyTo ?? replyTo],
          Content: simpleContent(message),
          // The events about it have these.
          EmailTags: [{ Name: 'mail', Value: id }, ...(siteId ? [{ Name: 'site', Value: siteId }] : [])],
        }),
      )
      return undefined
    } catch (error) {
      const failure = sendingFailure(error, message)
      if (failure.kind === 'passing') throw error
      // Not as its cause: loggers print that, and SES quotes addresses.
      if (failure.kind === 'blocked') throw new Error(`SES does not send mail from here: ${failure.reason}`)
      log.error({ event: 'mail-refused', id, siteId, reason: failure.reason }, 'a mail was refused permanently')
      return failure.reason
    }
  }

  const sendOnce = async (message: MailMessage): Promise<void> => {
    const { id, expiresAt } = message
    if (await sent.has(id)) return
    if (expiresAt !== undefined && expiresAt <= now()) {
      log.error({ event: 'mail-expired', id }, 'a mail expired before it could be sent')
      return
    }
    const reason = await handOver(message)
    // It is on its way or over: failing now would only have it sent again.
    await Promise.all([sent.add(id), reason && sent.note(id, { status: 'undeliverable', reason })]).catch(
      (error: unknown) =>
        log.warn({ event: 'sent-mail-unrecorded', id, err: error }, 'a sent mail could not be noted down'),
    )
  }

  return {
    send: async (message) => {
      requireOneRecipient(message.to)
      const sending = underWay.get(message.id) ?? sendOnce(message).finally(() => underWay.delete(message.id))
      underWay.set(message.id, sending)
      await sending
    },
  }
}

/** `refused`: this message, permanently. `blocked`: every message, until an operator acts. `passing`: a later try may succeed. */
type SendingFailure = { readonly kind: 'refused' | 'blocked'; readonly reason: string } | { readonly kind: 'passing' }

const anyAddress = /[^\s<>,;:]+@[^\s<>,;:]+/g

/** Without what SES repeats of a message. */
const reasonOf = ({ name, message }: Error, { code }: Pick<MailMessage, 'code'>): string => {
  const text = `${name}: ${message}`.replaceAll(anyAddress, '…').slice(0, 300)
  return code ? text.replaceAll(code, '…') : text
}

/** `MessageRejected` also says that a sender, or in the sandbox a recipient, is not verified. */
const isBlocked = (error: Error): boolean =>
  error instanceof AccountSuspendedException ||
  error instanceof MailFromDomainNotVerifiedException ||
  error instanceof NotFoundException ||
  error instanceof SendingPausedException ||
  (error instanceof MessageRejected && /not verified/i.test(error.message))

/** The meaning of a failed SendEmail (SESv2) for the message. */
const sendingFailure = (error: unknown, message: Pick<MailMessage, 'code'>): SendingFailure => {
  if (!(error instanceof SESv2ServiceException)) return { kind: 'passing' }
  if (isBlocked(error)) return { kind: 'blocked', reason: reasonOf(error, message) }
  const isRefused = error instanceof BadRequestException || error instanceof MessageRejected
  return isRefused ? { kind: 'refused', reason: reasonOf(error, message) } : { kind: 'passing' }
}

const instant = z.iso.datetime({ precision: 3 })

const sentSchema = z.object({ sentAt: instant })

const outcomeSchema = z.object({ status: z.enum(['undeliverable', 'marked-as-spam']), reason: z.string(), at: instant })

/** What SES says of a mail that it took over. */
export type MailOutcome = Omit<z.infer<typeof outcomeSchema>, 'at'>

/** Longer than anything repeats a message: a queue keeps what failed for 14 days at most. */
const rememberedDays = 30

const mailKey = (id: string, sk = 'MAIL') => ({ pk: `MAIL#${id}`, sk })

const keptSince = (now: Instant) => ({ schemaVersion: 1, expiresAt: toEpochSeconds(plusDays(now, rememberedDays)) })

/** Remembers them in the short table for 30 days. @param options.now the wall clock. */
export const createSentMail = (options: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Pick<Tables, 'short'>
  readonly now: Clock
}) => {
  const { client, now } = options
  const { short: TableName } = options.tables
  return {
    has: async (id: string): Promise<boolean> => {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: mailKey(id), ConsistentRead: true, ProjectionExpression: 'pk' }),
      )
      return Item !== undefined
    },
    find: async (id: string): Promise<MailStatus | undefined> => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': mailKey(id).pk },
        }),
      )
      const contentOf = (kind: string) => Items.find((item) => item['kind'] === kind)?.['content']
      const sent = sentSchema.safeParse(contentOf('mail')).data
      const outcome = outcomeSchema.safeParse(contentOf('outcome')).data
      return outcome ? { ...outcome, at: sent?.sentAt ?? outcome.at } : sent && { status: 'sent', at: sent.sentAt }
    },
    add: async (id: string): Promise<void> => {
      const sentAt = now()
      const Item = { ...mailKey(id), ...keptSince(sentAt), kind: 'mail', content: { id, sentAt } }
      await client.send(new PutCommand({ TableName, Item }))
    },
    /** An item of its own: events about a mail may come before `add`, late, and again. */
    note: async (id: string, outcome: MailOutcome): Promise<void> => {
      const at = now()
      const Item = { ...mailKey(id, 'OUTCOME'), ...keptSince(at), kind: 'outcome', content: { ...outcome, at } }
      await client.send(new PutCommand({ TableName, Item }))
    },
  }
}

export type SentMail = ReturnType<typeof createSentMail>
