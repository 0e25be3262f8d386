import type { ChangeAccountPorts } from '../../account/change-account.ts'
import { SitewrightError } from '../../errors.ts'
import type { AccountId, SiteId } from '../../ids.ts'
import { toInstant } from '../../instant.ts'
import type { RateWindows } from '../../ports/abuse.ts'
import type { Clocks } from '../../ports/context.ts'
import type { Payments } from '../../ports/payments.ts'
import type { StorageMeter } from '../../ports/runtime.ts'
import type { AccountStore, SiteStore } from '../../ports/stores.ts'
import { convergeSite } from '../converge-site.ts'
import type { ConvergePorts } from '../read-subscriptions.ts'

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

/** What owners need to buy, and to change what they bought. */
export interface BillingActPorts extends ConvergePorts, ChangeAccountPorts, AdmitPaymentActPorts {
  readonly sites: SiteStore
  readonly accounts: AccountStore
  readonly payments: Payments
  /** What sites store, where that is known at once. */
  readonly meter: StorageMeter
  /** Where Stripe sends owners back to; without a slash at its end. */
  readonly consoleUrl: string
}

/**
 * Brings a site into line with Stripe before Stripe's event comes in, for whoever waits. Where that fails the event does it, or
 * the reconciliation, and nobody has to hear of it.
 */
export const convergeSoon = async (ports: ConvergePorts, siteId: SiteId, causationId: string): Promise<void> => {
  try {
    await convergeSite(ports, siteId, { causationId })
  } catch (error) {
    ports.log.warn({ siteId, err: error }, 'a site is not yet in line with Stripe; the event will see to it')
  }
}
