import type { SESv2Client, SendEmailRequest } from '@aws-sdk/client-sesv2'
import { SendEmailCommand } from '@aws-sdk/client-sesv2'
import { requireOneRecipient } from '../../core/mail/mail-message.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../core/ports/delivery.ts'
import { sendingTrouble } from './sending-trouble.ts'
import type { SentMail } from './sent-mail.ts'

const text = (Data: string) => ({ Data, Charset: 'UTF-8' })

const simpleContent = ({ subject, text: plain, html }: MailMessage): NonNullable<SendEmailRequest['Content']> => ({
  Simple: {
    Subject: text(subject.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()),
    Body: { Text: text(plain), Html: text(html) },
    Headers: [{ Name: 'Auto-Submitted', Value: 'auto-generated' }],
  },
})

/**
 * Sends by SES (SESv2, SendEmail), which queues a message durably and delivers it later. SES has no token that makes two
 * requests one: sent ids are looked up before and written after. So a message whose reply was lost, or that two processes
 * send at one moment, may arrive twice, and never not at all. Nothing is sent once it has expired.
 * `send` throws what may pass, for its caller to try again, and what keeps every message from being sent; a message that
 * SES refuses for good is logged, without its recipient, and is done with.
 * @param options.now the wall clock.
 */
export const createSesMailer = (options: {
  readonly client: SESv2Client
  readonly from: string
  readonly configurationSet: string
  readonly sent: SentMail
  readonly now: Clock
  readonly log: Log
}): Mailer => {
  const { client, from, configurationSet, sent, now, log } = options
  const underWay = new Map<string, Promise<void>>()

  /** @throws where it may be sent later. */
  const handOver = async (message: MailMessage): Promise<void> => {
    try {
      await client.send(
        new SendEmailCommand({
          FromEmailAddress: from,
          ConfigurationSetName: configurationSet,
          Destination: { ToAddresses: [message.to] },
          Content: simpleContent(message),
        }),
      )
    } catch (error) {
      const trouble = sendingTrouble(error, message)
      if (trouble.kind === 'passing') throw error
      // Not as its cause: loggers print that, and SES quotes addresses.
      if (trouble.kind === 'blocked') throw new Error(`SES does not send mail from here: ${trouble.reason}`)
      log.error({ event: 'mail-refused', id: message.id, reason: trouble.reason }, 'a mail was refused for good')
    }
  }

  const sendOnce = async (message: MailMessage): Promise<void> => {
    const { id, expiresAt } = message
    if (await sent.has(id)) return
    if (expiresAt !== undefined && expiresAt <= now()) {
      log.error({ event: 'mail-expired', id }, 'a mail expired before it could be sent')
      return
    }
    await handOver(message)
    // It is on its way: failing now would only have it sent again.
    await sent
      .add(id)
      .catch((error: unknown) =>
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
