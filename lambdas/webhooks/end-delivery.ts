import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import { composeMail, messageIdOf } from '../../core/mail/mail-message.ts'
import { localTime } from '../../core/mail/mail-words.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../core/ports/delivery.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { withoutAddresses } from '../operators/audit/audit-entry.ts'
import {
  asksToStop,
  isAccepted,
  type WebhookAnswer,
  type WebhookDeliveries,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookEndpoints,
  type WebhookLog,
} from './webhook.ts'

export interface EndDeliveryPorts extends Pick<Context, 'clocks' | 'randomness' | 'brand' | 'contact' | 'consoleUrl'> {
  readonly webhookEndpoints: Pick<WebhookEndpoints, 'list' | 'read' | 'write'>
  readonly webhookDeliveries: Pick<WebhookDeliveries, 'replace'>
  readonly webhookLog: Pick<WebhookLog, 'append' | 'page'>
  readonly mailer: Mailer
}

const attemptsAtOnce = 500
/** The characters of an answer in the log. */
const mostLogged = 500

export const logAttempt = (
  { webhookLog, randomness, clocks }: EndDeliveryPorts,
  { endpointId, message, attempts: number }: WebhookDelivery,
  { answer, milliseconds }: { readonly answer: WebhookAnswer; readonly milliseconds: number },
): Promise<void> =>
  webhookLog.append({
    schemaVersion: 1,
    id: randomness.id('att'),
    endpointId,
    message,
    at: clocks.wall(),
    number,
    // An endpoint may repeat what it got.
    answer:
      'text' in answer
        ? { status: answer.status, text: withoutAddresses(answer.text).slice(0, mostLogged) }
        : { failure: answer.failure },
    milliseconds: Math.max(0, Math.round(milliseconds)),
  })

/** A mail to the operators. It names the host of an endpoint alone: paths of webhooks are often secret. */
const operatorMail = (
  { brand, contact, consoleUrl }: EndDeliveryPorts,
  content: { readonly id: MailMessage['id']; readonly subject: string; readonly paragraphs: readonly string[] },
): MailMessage =>
  composeMail({
    ...content,
    from: { brand },
    to: contact,
    link: { text: 'Open the webhooks', url: `${consoleUrl}/operator/#/webhooks` },
    footer: `You get this because you operate ${brand}.`,
  })

const endpointDisabledMail = (
  ports: EndDeliveryPorts,
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
const webhookGivenUpMail = (
  ports: EndDeliveryPorts,
  { id, url, description }: WebhookEndpoint,
  { message: { id: messageId, type, accountId } }: WebhookDelivery,
  now: Instant,
): MailMessage => {
  const { host } = new URL(url)
  return operatorMail(ports, {
    id: messageIdOf('webhook-given-up', id, now.slice(0, 10)),
    subject: `${host} refuses a webhook`,
    paragraphs: [
      `The webhook endpoint "${description}" at ${host} accepted the webhook ${messageId} (${type}, ${accountId}) at no attempt within three days, and accepted others. It is not sent again.`,
      'The log of the endpoint has its answers. Correct the receiver, then send the webhook again there. There is no second mail about this endpoint today.',
    ],
  })
}

/**
 * Whether an endpoint accepted a webhook since another was queued: then it works, and refuses that one. Reads the log back to the last success, once
 * for each webhook that is dropped.
 */
const acceptsOthers = async (
  { webhookLog }: EndDeliveryPorts,
  { endpointId, queuedAt }: WebhookDelivery,
): Promise<boolean> => {
  let cursor: string | undefined
  do {
    const page = await webhookLog.page(endpointId, { limit: attemptsAtOnce, cursor })
    for (const { at, answer } of page.items) {
      if (at < queuedAt) return false
      if (isAccepted(answer)) return true
    }
    ;({ cursor } = page)
  } while (cursor !== undefined)
  return false
}

/** Disables an endpoint and mails the operators, once for each time. */
const disable = async (
  ports: EndDeliveryPorts,
  id: WebhookEndpoint['id'],
  because: 'failing' | 'gone',
): Promise<void> => {
  const { webhookEndpoints, clocks, mailer } = ports
  const endpoint = await retryOnConflict('The endpoint', async () => {
    const found = await webhookEndpoints.read(id)
    if (found === undefined || found.disabled !== undefined) return found
    const next = { ...found, version: found.version + 1, disabled: { at: clocks.wall(), because } }
    return (await webhookEndpoints.write(next)) ? next : conflict
  })
  // An operator who disabled it meanwhile knows why.
  if (endpoint !== undefined && endpoint.disabled?.because !== 'operator')
    await mailer.send(endpointDisabledMail(ports, endpoint))
}

/** When a webhook that asks to stop is due again at an endpoint that is disabled. */
const waitMilliseconds = 3_600_000

/** The delivery for an endpoint that is disabled: none, unless it asks to stop. Then it waits, and has all its attempts once that is enabled. */
const waiting = (
  { clocks }: EndDeliveryPorts,
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
): WebhookDelivery | undefined => {
  const now = clocks.wall()
  return asksToStop(endpoint, delivery.message)
    ? { ...delivery, queuedAt: now, attempts: 0, dueAt: plusMilliseconds(now, waitMilliseconds) }
    : undefined
}

/** Ends a delivery to an endpoint that is gone or disabled. The log keeps it, to be sent by hand, unless it waits. */
export const drop = async (
  ports: EndDeliveryPorts,
  delivery: WebhookDelivery,
  endpoint: WebhookEndpoint | undefined,
): Promise<void> => {
  const next = endpoint && waiting(ports, endpoint, delivery)
  if (endpoint?.disabled !== undefined) {
    const { at, because } = endpoint.disabled
    // Its process may have been lost before the mail.
    if (because !== 'operator' && plusDays(at, 1) > ports.clocks.wall()) await disable(ports, endpoint.id, because)
    if (next === undefined) await logAttempt(ports, delivery, { answer: { failure: 'disabled' }, milliseconds: 0 })
  }
  await ports.webhookDeliveries.replace(delivery, next)
}

/**
 * Disables an endpoint that is gone or accepts nothing, and mails the operators. An endpoint that accepts others stays enabled.
 * @returns what is left of the delivery.
 */
export const giveUp = async (
  ports: EndDeliveryPorts,
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
  isGone: boolean,
): Promise<WebhookDelivery | undefined> => {
  if (isGone || !(await acceptsOthers(ports, delivery))) {
    await disable(ports, endpoint.id, isGone ? 'gone' : 'failing')
    return waiting(ports, endpoint, delivery)
  }
  await ports.mailer.send(webhookGivenUpMail(ports, endpoint, delivery, ports.clocks.wall()))
  return undefined
}
