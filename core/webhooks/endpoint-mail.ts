import { composeMail, localTime, messageIdOf } from '../mail/mail-message.ts'
import type { MailMessage } from '../ports/delivery.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/** Tells the operators that an endpoint is disabled. Names its host alone: paths of webhooks are often secret. */
export const endpointDisabledMail = (
  { brand, contact, consoleUrl }: { readonly brand: string; readonly contact: string; readonly consoleUrl: string },
  { id, url, disabled, description }: WebhookEndpoint,
): MailMessage => {
  const { host } = new URL(url)
  const why =
    disabled?.because === 'gone'
      ? 'It answered 410 (Gone).'
      : 'It accepted no webhook for three days, in spite of retries.'
  return composeMail({
    id: messageIdOf('webhook-endpoint-disabled', id, disabled?.at ?? ''),
    to: contact,
    subject: `Webhooks to ${host} are disabled`,
    paragraphs: [
      `The webhook endpoint "${description}" at ${host} was disabled on ${localTime(disabled?.at ?? '')}. ${why}`,
      'It gets no webhooks until an operator enables it again. The log of the endpoint shows what it missed; each of them can be sent again.',
    ],
    link: { text: 'Open the webhooks', url: `${consoleUrl}/operator/#/webhooks` },
    footer: `You get this because you operate ${brand}.`,
  })
}
