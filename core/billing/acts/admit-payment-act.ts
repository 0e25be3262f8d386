import { SitewrightError } from '../../errors.ts'
import type { AccountId } from '../../ids.ts'
import { toInstant } from '../../instant.ts'
import type { RateWindows } from '../../ports/abuse.ts'
import type { Clocks } from '../../ports/context.ts'

export interface AdmitPaymentActPorts {
  readonly rateWindows: Pick<RateWindows, 'count'>
  readonly clocks: Clocks
}

/**
 * Each is several requests to Stripe, out of a limit that the gates of all sites share. More than a person asks for who
 * compares plans and tries cards.
 */
export const paymentActsPerHour = 30
const windowMilliseconds = 60 * 60_000

/**
 * Counts what makes us ask Stripe at an owner's wish, checkouts, changes of plans and visits to the portal together, by the
 * wall clock.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitPaymentAct = async (
  { rateWindows, clocks }: AdmitPaymentActPorts,
  accountId: AccountId,
): Promise<void> => {
  const now = Date.parse(clocks.wall())
  const start = Math.floor(now / windowMilliseconds) * windowMilliseconds
  const end = start + windowMilliseconds
  const [count = 0] = await rateWindows.count([
    { key: `payment-acts-${accountId}-${start}`, endsAt: toInstant(new Date(end)) },
  ])
  if (count <= paymentActsPerHour) return
  const minutes = Math.ceil((end - now) / 60_000)
  throw new SitewrightError(
    'RateLimited',
    `Payments were asked for too often. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    { retryAfterSeconds: Math.ceil((end - now) / 1000) },
  )
}
