import type { Instant } from '../../core/instant.ts'
import { composeMail, messageIdOf } from '../../core/mail/mail-message.ts'
import { localTime } from '../../core/mail/mail-words.ts'
import type { Context } from '../../core/ports/context.ts'
import type { MailMessage } from '../../core/ports/delivery.ts'
import type { WebhookDelivery, WebhookEndpoint } from './webhook.ts'

export type WebhookMailPorts = Pick<Context, 'brand' | 'contact' | 'consoleUrl'>

/** A mail to the operators. It names the host of an endpoint alone: paths of webhooks are often secret. */
const operatorMail = (
  { brand, contact, consoleUrl }: WebhookMailPorts,
  content: { readonly id: MailMessage['id']; readonly subject: string; readonly paragraphs: readonly string[] },
): MailMessage =>
  composeMail({
    ...content,
    from: { brand },
    to: contact,
    link: { text: 'Open the webhooks', url: `${consoleUrl}/operator/#/webhooks` },
    footer: `You get this because you operate ${brand}.`,
  })

export const endpointDisabledMail = (
  ports: WebhookMailPorts,
  { id, url, disabled, description }: WebhookEndpoint,
): MailMessage => {
  const { host } = new URL(url)
  const why =
    disabled?.because === 'gone'
      ? 'It answered 410 (Gone).'
      : 'It accepted no webhook for three days, although we retried.'
  return operatorMail(ports, {
    id: messageIdOf('webhook-endpoint-disabled', id, disabled?.at ?? ''),
    subject: `Webhooks to ${host} are disabled`,
    paragraphs: [
      `The webhook endpoint "${description}" at ${host} was disabled on ${localTime(disabled?.at ?? '')}. ${why}`,
      'It gets no webhooks until an operator enables it again. The log of the endpoint shows the webhooks that it missed. An operator can send each of them again. Withdrawn consents and erasures wait until it is enabled.',
    ],
  })
}

/** Tells the operators that a webhook is no longer retried, although its endpoint accepts others: one mail for each endpoint and day. */
export const webhookGivenUpMail = (
  ports: WebhookMailPorts,
  { id, url, description }: WebhookEndpoint,
  { message: { id: messageId, type, accountId } }: WebhookDelivery,
  now: Instant,
): MailMessage => {
  const { host } = new URL(url)
  return operatorMail(ports, {
    id: messageIdOf('webhook-given-up', id, now.slice(0, 10)),
    subject: `${host} refuses a webhook`,
    paragraphs: [
      `The webhook endpoint "${description}" at ${host} has not accepted the webhook ${messageId} (${type}, ${accountId}) within three days, although it accepted others. We do not send it again.`,
      'The log of the endpoint has its answers. Correct the receiver, then send the webhook again there. There is no second mail about this endpoint today.',
    ],
  })
}
