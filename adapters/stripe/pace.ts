import { setTimeout as wait } from 'node:timers/promises'
import type { Stripe } from 'stripe'

type HttpClient = NonNullable<Stripe.StripeConfig['httpClient']>
type Response = Awaited<ReturnType<HttpClient['makeRequest']>>

/** Thrown in place of a request while Stripe is away, or has asked us to wait. */
export class StripeOnPause extends Error {
  readonly milliseconds: number

  constructor(milliseconds: number) {
    super(`Stripe gets no requests for ${Math.ceil(milliseconds)} ms`)
    this.milliseconds = milliseconds
  }
}

/** Requests at the same time; further ones wait. A sandbox allows 25 a second: https://docs.stripe.com/rate-limits */
const atOnce = 25
/** Failures in a row after which requests pause. */
const tolerated = 3
/** Retries that are left at most; ten requests that succeed earn one. */
const maxRetries = 10
const earned = 0.1
/** In milliseconds. */
const firstPause = 1000
const longestPause = 30_000
const longestAskedFor = 3_600_000
const beforeRetry = 500

/** The seconds of a `Retry-After`; undefined for anything else. */
export const secondsOf = (retryAfter: unknown): number | undefined => {
  const seconds = Number(retryAfter)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

/** What Stripe asks for, in milliseconds. */
const askedPause = (response: Response): number | undefined => {
  const seconds = secondsOf(response.getHeaders()['retry-after'])
  return seconds && Math.min(seconds * 1000, longestAskedFor)
}

const isFailure = (response: Response): boolean => response.getStatusCode() === 429 || response.getStatusCode() >= 500

/** A saved 500 would only be replayed; Stripe says so in a header, or not. */
const isWorthRetry = (response: Response, method: string): boolean => {
  const status = response.getStatusCode()
  const said = response.getHeaders()['stripe-should-retry']
  if (said === 'true' || said === 'false') return said === 'true'
  return status === 409 || status > 500 || (status === 500 && method !== 'POST')
}

export interface Pace {
  /** @throws {StripeOnPause} without a request. */
  readonly run: (method: string, send: () => Promise<Response>) => Promise<Response>
}

/**
 * Limits the requests of a client. A request is retried once, out of a budget that all share. After
 * some failures in a row, or when Stripe says `Retry-After`, no request is sent for a while; then one asks whether Stripe is
 * back. Pauses double, and are random within their half, so that several processes do not come back together.
 */
export const createPace = ({
  now = () => performance.now(),
  random = Math.random,
  pause = (milliseconds: number): Promise<unknown> => wait(milliseconds),
} = {}): Pace => {
  const waiting: (() => void)[] = []
  let underWay = 0
  let failures = 0
  let until = 0
  let isAsking = false
  let retries = maxRetries

  const jittered = (milliseconds: number): number => milliseconds * (1 + random()) * 0.5
  const left = (): number => {
    if (until > now()) return until - now()
    return failures >= tolerated && isAsking ? firstPause : 0
  }

  const noteFailure = (asked: number | undefined): void => {
    // Requests that were sent together fail together: that is one reason to pause, and not many.
    const isPaused = until > now()
    if (!isPaused) failures += 1
    if (asked !== undefined) failures = Math.max(failures, tolerated)
    if (failures < tolerated || (isPaused && asked === undefined)) return
    const next = Math.min(firstPause * 2 ** (failures - tolerated), longestPause)
    until = Math.max(until, now() + (asked === undefined ? jittered(next) : asked + random() * firstPause))
  }

  const inTurn = async (send: () => Promise<Response>): Promise<Response> => {
    if (underWay >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else underWay += 1
    try {
      return await sendOne(send)
    } finally {
      const next = waiting.shift()
      if (next === undefined) underWay -= 1
      else next()
    }
  }

  const sendOne = async (send: () => Promise<Response>): Promise<Response> => {
    const paused = left()
    if (paused > 0) throw new StripeOnPause(paused)
    const isProbe = failures >= tolerated
    if (isProbe) isAsking = true
    try {
      const response = await send()
      // A replayed answer is of another time.
      if (response.getHeaders()['idempotent-replayed'] === 'true') return response
      if (isFailure(response)) noteFailure(askedPause(response))
      else {
        failures = 0
        retries = Math.min(retries + earned, maxRetries)
      }
      return response
    } catch (error) {
      noteFailure(undefined)
      throw error
    } finally {
      if (isProbe) isAsking = false
    }
  }

  /** Takes one of the budget, unless requests pause. */
  const mayRetry = async (): Promise<boolean> => {
    if (retries < 1 || left() > 0) return false
    retries -= 1
    await pause(jittered(beforeRetry))
    return left() === 0
  }

  return {
    run: async (method, send) => {
      let first: Response
      try {
        first = await inTurn(send)
      } catch (error) {
        if (error instanceof StripeOnPause || !(await mayRetry())) throw error
        return inTurn(send)
      }
      if (!isWorthRetry(first, method) || !(await mayRetry())) return first
      await first.dispose?.()
      return inTurn(send)
    },
  }
}
