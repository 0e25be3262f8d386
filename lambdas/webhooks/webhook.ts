import * as z from 'zod'
import { type Id, idSchema } from '../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Randomness } from '../../core/ports/context.ts'
import type { Page } from '../../core/ports/stores.ts'
import { type WebhookMessage, webhookMessageSchema } from './webhook-types.ts'

const instant = z.iso.datetime({ precision: 3 })

/** Where webhooks are sent. Only the numbers of its secrets are stored: the secrets are derived from them. */
export const webhookEndpointSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('hook'),
  version: z.int().positive(),
  url: z.string(),
  description: z.string(),
  /** The types that it gets; all if it is empty. */
  types: z.array(z.string()).readonly(),
  /** Gets only what is about accounts whose owner agreed to marketing, and what asks it to stop. */
  marketing: z.boolean().optional(),
  /** The last one signs. The one before it signs too until it expires. */
  secrets: z
    .array(z.strictObject({ number: z.int().positive(), createdAt: instant, expiresAt: instant.optional() }))
    .min(1)
    .max(2)
    .readonly(),
  /** `failing`: none was accepted while one was retried for three days. `gone`: it answered 410. */
  disabled: z.strictObject({ at: instant, because: z.enum(['operator', 'failing', 'gone']) }).optional(),
  createdAt: instant,
})

export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>

export const maxWebhookEndpoints = 20

/** The hours for which the former secret still signs after a rotation. */
export const overlapHours = { usual: 24, max: 168 } as const

/** Whether a webhook asks an endpoint to stop using what it got: such webhooks name the account and nobody, where the consent is missing. A closed account has none. */
export const asksToStop = (
  { marketing = false }: Pick<WebhookEndpoint, 'marketing'>,
  { type }: Pick<WebhookMessage, 'type'>,
): boolean => type === 'person.erased' || type === 'consent.withdrawn' || (marketing && type === 'account.closed')

/** Whether an endpoint must not miss a webhook: it asks to stop, or takes back what the closing of an account asked. */
export const isNeeded = (endpoint: WebhookEndpoint, message: Pick<WebhookMessage, 'type'>): boolean =>
  asksToStop(endpoint, message) || (endpoint.marketing === true && message.type === 'account.reopened')

/** Whether an endpoint gets a webhook. One whose types come with addresses is always asked to stop; `person.erased` alone has no address. */
export const takes = (endpoint: WebhookEndpoint, message: Pick<WebhookMessage, 'type'>): boolean => {
  const { types } = endpoint
  const hasAddresses = types.some((type) => type !== 'person.erased')
  return types.length === 0 || types.includes(message.type) || (hasAddresses && isNeeded(endpoint, message))
}

export const signingSecrets = ({ secrets }: Pick<WebhookEndpoint, 'secrets'>, now: Instant): readonly number[] =>
  secrets
    .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
    .map(({ number }) => number)
    .toReversed()

/** Says why an address is refused, as the end of a sentence; undefined if it is allowed. The sender checks what the name resolves to. */
export const webhookUrlProblem = (text: string, allowedHosts: readonly string[]): string | undefined => {
  if (!URL.canParse(text)) return 'must be an address'
  const { protocol, username, password, host, hostname, hash } = new URL(text)
  const isAllowed = allowedHosts.includes(host) || allowedHosts.includes(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && isAllowed)) return 'must be an https address'
  if (username !== '' || password !== '') return 'must not contain a user name or a password'
  return hash === '' ? undefined : 'must not contain a fragment'
}

/** A webhook that an endpoint has not accepted yet. */
export const webhookDeliverySchema = z.strictObject({
  schemaVersion: z.literal(1),
  endpointId: idSchema('hook'),
  message: webhookMessageSchema,
  queuedAt: instant,
  /** Attempts that have begun. */
  attempts: z.int().nonnegative(),
  /** When the next attempt is due. While an attempt runs: when another one may begin, should its process be lost. */
  dueAt: instant,
})

export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>

/** A delivery that is due now. */
export const newDelivery = (endpointId: Id<'hook'>, message: WebhookMessage, now: Instant): WebhookDelivery => {
  return { schemaVersion: 1, endpointId, message, queuedAt: now, attempts: 0, dueAt: now }
}

/**
 * How an endpoint answered. `address`: its name has an address that is not allowed. `silent`: no answer in time. `disabled`: it was not
 * sent, because the endpoint is disabled.
 */
export const webhookAnswerSchema = z.union([
  z.strictObject({ status: z.int(), text: z.string() }),
  z.strictObject({ failure: z.enum(['address', 'refused', 'silent', 'broken', 'unknown', 'disabled']) }),
])

export type WebhookAnswer = z.infer<typeof webhookAnswerSchema>

export const webhookAttemptSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('att'),
  endpointId: idSchema('hook'),
  message: webhookMessageSchema,
  at: instant,
  number: z.int().nonnegative(),
  answer: webhookAnswerSchema,
  milliseconds: z.int().nonnegative(),
})

export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>

export const attemptsKeptDays = 30

export const isAccepted = (answer: WebhookAnswer): boolean =>
  'status' in answer && answer.status >= 200 && answer.status < 300

const triedForDays = 3

/** Also where nothing could be sent for days. */
const fewestAttempts = 5

const minute = 60_000

/** Minutes until the next attempt, after the first, the second and so on. */
const pauses = [1, 5, 30, 120, 300, 600, 840, 1200] as const

/**
 * The instant until which an endpoint asks to be left alone with 429 or 503, in seconds or as an HTTP date (RFC 9110, 10.2.3). At most the longest
 * pause from now; undefined if it does not ask, or not in these forms.
 */
export const retryAfterOf = (
  answer: WebhookAnswer & { readonly retryAfter?: string | undefined },
  now: Instant,
): Instant | undefined => {
  if (!('status' in answer) || (answer.status !== 429 && answer.status !== 503)) return undefined
  const value = answer.retryAfter?.trim() ?? ''
  const isDate = /^[A-Z][a-z]{2,8},? .+\bGMT$/.test(value)
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : isDate ? Date.parse(value) - Date.parse(now) : 0
  if (!(milliseconds > 0)) return undefined
  return plusMilliseconds(now, Math.min(milliseconds, Math.max(...pauses) * minute))
}

/**
 * The instant of the next attempt after one that failed; up to a fifth later than its pause, so that what failed together does not
 * come back together, and not before the endpoint wants one. Undefined after three days and five attempts; the last one is then.
 */
export const nextAttemptAt = (
  { queuedAt, attempts }: Pick<WebhookDelivery, 'queuedAt' | 'attempts'>,
  now: Instant,
  { integer }: Pick<Randomness, 'integer'>,
  retryAfter?: Instant | undefined,
): Instant | undefined => {
  const end = plusDays(queuedAt, triedForDays)
  if (now >= end && attempts >= fewestAttempts) return undefined
  const pause = (pauses[Math.min(Math.max(attempts, 1), pauses.length) - 1] ?? minute) * minute
  const regular = plusMilliseconds(now, pause + integer(pause / 5))
  const next = retryAfter !== undefined && retryAfter > regular ? retryAfter : regular
  return now < end && next > end ? end : next
}

export interface WebhookEndpoints {
  /** Oldest first; strongly consistent. */
  readonly list: () => Promise<readonly WebhookEndpoint[]>
  readonly read: (id: Id<'hook'>) => Promise<WebhookEndpoint | undefined>
  /** @returns false if it was changed or removed since the version before. */
  readonly write: (next: WebhookEndpoint) => Promise<boolean>
  readonly remove: (id: Id<'hook'>) => Promise<void>
}

export interface WebhookDeliveries {
  /** Leaves a delivery of the same message to the same endpoint as it is. */
  readonly queue: (delivery: WebhookDelivery) => Promise<void>
  /** Replaces a delivery of the same message to the same endpoint. */
  readonly requeue: (delivery: WebhookDelivery) => Promise<void>
  /** Earliest first. Also those due two days later and after that: no pause is so long, so the clock was ahead. */
  readonly due: (until: Instant) => AsyncIterable<WebhookDelivery>
  /** Replaces a delivery, or removes it. @returns false if it was replaced or removed since it was read. */
  readonly replace: (delivery: WebhookDelivery, next: WebhookDelivery | undefined) => Promise<boolean>
}

export interface WebhookLog {
  readonly append: (attempt: WebhookAttempt) => Promise<void>
  readonly find: (endpointId: Id<'hook'>, id: Id<'att'>) => Promise<WebhookAttempt | undefined>
  /** Newest first. */
  readonly page: (
    endpointId: Id<'hook'>,
    query: { readonly limit: number; readonly cursor?: string | undefined },
  ) => Promise<Page<WebhookAttempt>>
}

export interface WebhookSecrets {
  /** A secret of an endpoint, such as `whsec_…`: the same for the same number. */
  readonly valueOf: (endpointId: Id<'hook'>, number: number) => Promise<string>
}

export interface WebhookCall {
  readonly url: string
  readonly endpointId: Id<'hook'>
  readonly secrets: readonly number[]
  readonly id: string
  readonly at: Instant
  readonly body: string
}

export interface WebhookSender {
  /** Posts to public addresses alone, and follows no redirect. Never throws because of an endpoint. */
  readonly send: (call: WebhookCall) => Promise<WebhookAnswer & { readonly retryAfter?: string | undefined }>
}
