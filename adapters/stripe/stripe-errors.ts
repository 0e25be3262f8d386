import { randomUUID } from 'node:crypto'
import { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import { type Payments, RefusedByStripe } from '../../core/ports/payments.ts'
import { paymentDeclined } from './declines.ts'
import { StripeOnPause, secondsOf } from './pace.ts'

const { StripeError, StripeAPIError, StripeConnectionError } = Stripe.errors

/** Seconds after which it is worth to come again, where Stripe does not say. */
const soon = 2
const later = 5
/** Somebody has to correct it first. */
const muchLater = 60

const retrySoon = 'Payments are not available at the moment. You can safely try again soon.'

/** Whether it was done is not known: the reply may be lost, or something that was to be read after it. */
const unavailable = (retryAfterSeconds: number): SitewrightError =>
  new SitewrightError('Unavailable', retrySoon, { retryAfterSeconds })

const isPassing = (error: Stripe.errors.StripeError): boolean =>
  error instanceof StripeConnectionError ||
  error instanceof StripeAPIError ||
  (error.statusCode !== undefined && error.statusCode >= 500)

const askedToWait = ({ headers }: Stripe.errors.StripeError): number | undefined => {
  const seconds = secondsOf(headers?.['retry-after'])
  return seconds && Math.ceil(Math.min(seconds, 3600))
}

/** The fields that find it in Stripe's dashboard. Not the message, which may quote an address or a part of the key. */
const trace = ({ type, code, param, statusCode, requestId }: Stripe.errors.StripeError) => {
  return { type, code, param, statusCode, requestId }
}

/** How long no request is sent, in milliseconds; undefined if one was sent. */
const pauseOf = (error: unknown): number | undefined =>
  error instanceof StripeConnectionError && error.detail instanceof StripeOnPause
    ? error.detail.milliseconds
    : undefined

/** Stripe gets too many requests, or none at the moment: waiting helps. */
class StripeIsBusy extends SitewrightError {
  constructor(retryAfterSeconds: number) {
    super('Unavailable', retrySoon, { retryAfterSeconds })
  }
}

const known = (error: Stripe.errors.StripeError, act: string, log: Log): Error => {
  const pause = pauseOf(error)
  // The failures before it were logged.
  if (pause !== undefined) return new StripeIsBusy(Math.ceil(pause / 1000))
  if (error.statusCode === 402) return paymentDeclined(error)
  // 409: the same key is just being worked on. 429: too many requests, or another request holds the object's lock.
  if (error.statusCode === 409 || error.statusCode === 429) return new StripeIsBusy(askedToWait(error) ?? soon)
  if (error.statusCode === 401 || error.statusCode === 403) {
    log.error({ event: 'stripe-key-refused', act, ...trace(error) }, 'Stripe does not accept our key, or not for this')
    return unavailable(muchLater)
  }
  if (error instanceof StripeAPIError && error.statusCode === undefined) {
    log.error({ event: 'stripe-answer-unusable', act, ...trace(error) }, 'an answer of Stripe cannot be read')
    return unavailable(later)
  }
  if (isPassing(error)) {
    log.warn({ act, ...trace(error) }, 'Stripe did not answer as it should')
    return unavailable(askedToWait(error) ?? later)
  }
  log.error({ event: 'stripe-request-refused', act, ...trace(error) }, 'Stripe refused a request')
  const code = [error.code ?? error.type, error.param].filter((part) => part !== undefined).join(' ')
  return new RefusedByStripe({ act, code, requestId: error.requestId })
}

const isMissing = (error: unknown): boolean => error instanceof StripeError && error.code === 'resource_missing'

/** What Stripe answers; undefined if what was named does not exist, or not any more. */
export const unlessMissing = async <Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await ask()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Whether Stripe says so of the customer that was named; of a thing of its customer it is no answer. */
export const isMissingCustomer = (error: unknown): boolean =>
  error instanceof StripeError && error.code === 'resource_missing' && error.param === 'customer'

/** Whether Stripe refuses the request because of the thing's present state. */
export const isRefusal = (error: unknown): boolean => error instanceof Stripe.errors.StripeInvalidRequestError

/** Whether this is the saved answer to an earlier request of the same key, which does not describe the present. */
const isReplayed = (error: unknown): boolean =>
  error instanceof StripeError && error.headers?.['idempotent-replayed'] === 'true'

/** As many as an owner's attempts in an hour; keys are free again after a day. */
const maxCounted = 30

const keyOf = (idempotencyKey: string, attempt: number): string => {
  if (attempt === 1) return idempotencyKey
  return `${idempotencyKey}-${attempt > maxCounted ? randomUUID() : attempt}`
}

/**
 * Asks under the key of the present attempt. Stripe replays its first answer to a key for a day, errors included. A replayed
 * error ends the attempt, and the next one has the next key. All callers count the same way, so that the retry of an attempt
 * whose reply was lost finds its key without a record of it.
 *
 * After the last counted key each attempt has a random one, so that failures of an hour do not lock anybody out for a day. A
 * retry after a lost reply does not find a random key again, and may repeat what was done. So no caller relies on the key alone:
 * customers are listed first; a checkout record notes one session, and nobody gets the address of another, so that no second
 * subscription comes from it; a price that is set already is not charged again; refunds have no key. https://docs.stripe.com/api/idempotent_requests
 */
export const underFreshKey = async <Answer>(
  idempotencyKey: string,
  ask: (options: { readonly idempotencyKey: string }) => Promise<Answer>,
): Promise<Answer> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask({ idempotencyKey: keyOf(idempotencyKey, attempt) })
    } catch (error) {
      if (!isReplayed(error) || attempt > maxCounted) throw error
    }
  }
}

/** Does what is done with Stripe, and says in our terms what went wrong. */
export type Asking = <Answer>(act: string, ask: () => Promise<Answer>) => Promise<Answer>

/**
 * The one place where Stripe's errors become ours.
 * @returns a function that runs an act, such as 'open a checkout'. It throws `Unavailable` with a time to retry where Stripe
 *   cannot be reached, is slow or busy, refuses our key, or answers something that is not its API; `PaymentDeclined`; and
 *   otherwise `RefusedByStripe`.
 */
export const askingStripe =
  (log: Log): Asking =>
  async (act, ask) => {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof StripeError) throw known(error, act, log)
      if (error instanceof SitewrightError) throw error
      log.error({ event: 'stripe-answer-unusable', act, err: error }, 'an answer of Stripe cannot be read')
      throw unavailable(later)
    }
  }

/** In milliseconds; Stripe names whole seconds where it names any. */
const unsaid = 2000
const longest = 30_000
const maxWaits = 5

/** How long to wait, in milliseconds; undefined for an error that waiting does not end. */
const waitOf = (error: unknown): number | undefined => {
  if (error instanceof StripeIsBusy) return Math.min((error.retryAfterSeconds ?? soon) * 1000, longest)
  const paused = pauseOf(error)
  if (paused !== undefined) return Math.min(paused, longest)
  if (!(error instanceof StripeError) || error.statusCode !== 429) return undefined
  const seconds = secondsOf(error.headers?.['retry-after'])
  return seconds === undefined ? unsaid : Math.min(seconds * 1000, longest)
}

/**
 * Repeats requests after the time that Stripe names, where there are too many: for background work that would have to start
 * over.
 * @throws any other error at once, and this one after five repeats.
 */
export const waitingForTurn =
  (pause: (milliseconds: number) => Promise<unknown>): Payments['patiently'] =>
  async (ask) => {
    for (let waits = 0; ; waits += 1) {
      try {
        return await ask()
      } catch (error) {
        const wait = waitOf(error)
        if (wait === undefined || waits === maxWaits) throw error
        await pause(wait)
      }
    }
  }
