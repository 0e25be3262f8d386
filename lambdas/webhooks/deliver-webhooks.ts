import { eachApart, eachAtOnce, firstOf } from '../../core/each-at-once.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer } from '../../core/ports/delivery.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { ownershipOf } from '../../core/site/site.ts'
import { agreesToMarketing } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { withoutAddresses } from '../operators/audit/audit-entry.ts'
import {
  asksToStop,
  isAccepted,
  isNeeded,
  newDelivery,
  nextAttemptAt,
  retryAfterOf,
  signingSecrets,
  takes,
  type WebhookAnswer,
  type WebhookDeliveries,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookEndpoints,
  type WebhookLog,
  type WebhookSender,
} from './webhook.ts'
import { endpointDisabledMail, type WebhookMailPorts, webhookGivenUpMail } from './webhook-mail.ts'
import { type WebhookMessage, webhooksOf } from './webhook-types.ts'

export interface DeliverWebhooksPorts
  extends WebhookMailPorts,
    Pick<Context, 'clocks' | 'randomness' | 'log' | 'siteUrl' | 'isStopping'> {
  readonly webhookEndpoints: Pick<WebhookEndpoints, 'list' | 'read' | 'write'>
  readonly webhookDeliveries: WebhookDeliveries
  readonly webhookLog: Pick<WebhookLog, 'append' | 'page'>
  readonly webhookSender: WebhookSender
  readonly mailer: Mailer
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: Pick<AccountStore, 'get' | 'getOwner'>
}

/** Longer than an attempt can take: should its process be lost, another attempt begins then. */
const attemptMilliseconds = 60_000
/** A run stops there; the next one follows in a minute. */
const maxDeliveries = 500
const deliveriesAtOnce = 10

/**
 * Events hold no personal data: address, name and URL are read here, for each attempt again, and not those of an erased account.
 * @returns undefined if the endpoint is for marketing and the owner has not agreed to it.
 */
const bodyOf = async (
  { sites, accounts, siteUrl }: DeliverWebhooksPorts,
  endpoint: WebhookEndpoint,
  message: WebhookMessage,
): Promise<string | undefined> => {
  const { type, at, accountId, site, details } = message
  const isErased = type === 'person.erased'
  const [opened, owner, stored] = await Promise.all([
    isErased ? undefined : accounts.get(accountId),
    isErased ? undefined : accounts.getOwner(accountId),
    site === undefined ? undefined : sites.get(site.id),
  ])
  const ownership = stored === undefined ? undefined : ownershipOf(stored)
  // The names of an erased account's sites go a little later than the account.
  const own = owner !== undefined && ownership?.accountId === accountId ? ownership : undefined
  const siteData = site && { ...site, name: own?.name ?? null, url: own === undefined ? null : siteUrl(own.hostname) }
  const marketingConsent = agreesToMarketing(opened)
  const isHidden = endpoint.marketing === true && !marketingConsent
  if (isHidden && !asksToStop(endpoint, message)) return undefined
  const account = { id: accountId, email: (isHidden ? undefined : owner?.email) ?? null, marketingConsent }
  return JSON.stringify({ type, timestamp: at, data: { account, ...(siteData && { site: siteData }), ...details } })
}

const send = async (ports: DeliverWebhooksPorts, endpoint: WebhookEndpoint, message: WebhookMessage) => {
  const { id, url, secrets } = endpoint
  const body = await bodyOf(ports, endpoint, message)
  if (body === undefined) return undefined
  const began = performance.now()
  const at = ports.clocks.wall()
  const signing = signingSecrets({ secrets }, at)
  const answer = await ports.webhookSender.send({ url, endpointId: id, secrets: signing, id: message.id, at, body })
  return { answer, milliseconds: performance.now() - began }
}

const attemptsAtOnce = 500
/** The characters of an answer in the log. */
const maxLogged = 500

const logAttempt = (
  { webhookLog, randomness, clocks }: DeliverWebhooksPorts,
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
        ? { status: answer.status, text: withoutAddresses(answer.text).slice(0, maxLogged) }
        : { failure: answer.failure },
    milliseconds: Math.max(0, Math.round(milliseconds)),
  })

/**
 * Whether an endpoint accepted a webhook since another was queued: then it works, and refuses that one. Reads the log back to the last success, once
 * for each webhook that is dropped.
 */
const acceptsOthers = async (
  { webhookLog }: DeliverWebhooksPorts,
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
  ports: DeliverWebhooksPorts,
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

/** When a webhook that must not be missed is due again at an endpoint that is disabled. */
const waitMilliseconds = 3_600_000

/** The delivery for an endpoint that is disabled: none, unless the endpoint must not miss it. Then it waits, and has all its attempts once that is enabled. */
const waiting = (
  { clocks }: DeliverWebhooksPorts,
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
): WebhookDelivery | undefined => {
  const now = clocks.wall()
  return isNeeded(endpoint, delivery.message)
    ? { ...delivery, queuedAt: now, attempts: 0, dueAt: plusMilliseconds(now, waitMilliseconds) }
    : undefined
}

/** Ends a delivery to an endpoint that is gone or disabled. The log keeps it, to be sent by hand, unless it waits. */
const drop = async (
  ports: DeliverWebhooksPorts,
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
const giveUp = async (
  ports: DeliverWebhooksPorts,
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

/**
 * Makes one attempt at a delivery. A process that is lost meanwhile leaves it to a later one, so an endpoint may get it twice.
 * @returns undefined unless the endpoint failed; then with the instant until which it asks to be left alone.
 */
const attempt = async (
  ports: DeliverWebhooksPorts,
  delivery: WebhookDelivery,
): Promise<{ readonly retryAfter: Instant | undefined } | undefined> => {
  const { webhookEndpoints, webhookDeliveries, clocks, randomness } = ports
  const endpoint = await webhookEndpoints.read(delivery.endpointId)
  if (endpoint === undefined || endpoint.disabled !== undefined) {
    await drop(ports, delivery, endpoint)
    return undefined
  }
  const dueAt = plusMilliseconds(clocks.wall(), attemptMilliseconds)
  const taken = { ...delivery, attempts: delivery.attempts + 1, dueAt }
  if (!(await webhookDeliveries.replace(delivery, taken))) return undefined
  const sent = await send(ports, endpoint, delivery.message)
  if (sent === undefined || isAccepted(sent.answer)) {
    // Before it is logged: where the log fails, the endpoint would get it each minute.
    await webhookDeliveries.replace(taken, undefined)
    if (sent !== undefined) await logAttempt(ports, taken, sent)
    return undefined
  }
  const isGone = 'status' in sent.answer && sent.answer.status === 410
  const now = clocks.wall()
  const retryAfter = retryAfterOf(sent.answer, now)
  const at = isGone ? undefined : nextAttemptAt(taken, now, randomness, retryAfter)
  if (at !== undefined) await webhookDeliveries.replace(taken, { ...taken, dueAt: at })
  await logAttempt(ports, taken, sent)
  // Only what is logged can be sent by hand.
  if (at === undefined) await webhookDeliveries.replace(taken, await giveUp(ports, endpoint, taken, isGone))
  return { retryAfter }
}

/** What fails so stays due. */
const unsent = 'a webhook could not be sent; the sweep retries it'

/** Queues the webhooks of an event for each endpoint that takes them, and sends them at once. */
export const deliverWebhooks = async (ports: DeliverWebhooksPorts, event: DomainEvent): Promise<void> => {
  const messages = webhooksOf(event)
  if (messages.length === 0) return
  const now = ports.clocks.wall()
  const deliveries = (await ports.webhookEndpoints.list()).flatMap((endpoint) =>
    messages.filter((message) => takes(endpoint, message)).map((message) => newDelivery(endpoint.id, message, now)),
  )
  await eachAtOnce(deliveries, deliveriesAtOnce, ports.webhookDeliveries.queue)
  await eachAtOnce(deliveries, deliveriesAtOnce, async (delivery) => {
    if (ports.isStopping()) return
    try {
      await attempt(ports, delivery)
    } catch (error) {
      // The event must not be repeated: what was accepted would be queued again.
      const { endpointId, message } = delivery
      ports.log.warn({ err: error, endpointId, messageId: message.id }, unsent)
    }
  })
}

/**
 * Sends what is due. An endpoint that fails in a run gets no more in it, so that it does not hold up the others.
 * @throws {SitewrightError} `Unavailable` at the end if some could not be sent, by no fault of their endpoints.
 */
export const sendDueWebhooks = async (ports: DeliverWebhooksPorts): Promise<void> => {
  const { webhookDeliveries, clocks, randomness } = ports
  const now = clocks.wall()
  const failing = new Map<string, { readonly retryAfter: Instant | undefined }>()
  await eachApart(
    firstOf(webhookDeliveries.due(now), maxDeliveries),
    {
      log: ports.log,
      atOnce: deliveriesAtOnce,
      named: ({ endpointId, message }) => ['delivery', `${message.id} to ${endpointId}`],
      failed: unsent,
      summary: 'These webhooks could not be sent',
    },
    async (delivery) => {
      if (ports.isStopping()) return
      const { endpointId } = delivery
      const failed = failing.get(endpointId)
      const later = failed && nextAttemptAt(delivery, now, randomness, failed.retryAfter)
      if (later !== undefined) {
        await webhookDeliveries.replace(delivery, { ...delivery, dueAt: later })
        return
      }
      const failure = await attempt(ports, delivery)
      if (failure !== undefined) failing.set(endpointId, failure)
    },
  )
}
