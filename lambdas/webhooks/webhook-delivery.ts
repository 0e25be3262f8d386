import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Randomness } from '../../core/ports/context.ts'
import { webhookMessageSchema } from './webhook-types.ts'

const instant = z.iso.datetime({ precision: 3 })

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

/**
 * How an endpoint answered. `address`: its name has an address that is not allowed. `silent`: no answer in time. `disabled`: it was not
 * sent, because the endpoint is disabled.
 */
export const webhookAnswerSchema = z.union([
  z.strictObject({ status: z.int(), text: z.string() }),
  z.strictObject({ failure: z.enum(['address', 'refused', 'silent', 'broken', 'unknown', 'disabled']) }),
])
export type WebhookAnswer = z.infer<typeof webhookAnswerSchema>

/** An entry of an endpoint's log. */
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

/** For how long attempts are in the log. */
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
