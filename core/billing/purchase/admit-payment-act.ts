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

/** Each one makes several requests to Stripe, from a quota that all sites share. */
export const paymentActsPerHour = 30
const windowMilliseconds = 60 * 60_000

/**
 * Rate-limits checkouts, plan changes and portal visits together, by the wall clock. @throws {SitewrightError}
 * `RateLimited`.
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
    `Too many payment requests. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    { retryAfterSeconds: Math.ceil((end - now) / 1000) },
  )
}

export interface BillingActPorts extends ConvergePorts, ChangeAccountPorts, AdmitPaymentActPorts {
  readonly sites: SiteStore
  readonly accounts: AccountStore
  readonly payments: Payments
  readonly meter: StorageMeter
  /** Where Stripe sends owners back to, without a trailing slash. */
  readonly consoleUrl: string
}

/**
 * Converges a site before Stripe's event arrives. A failure is only logged: the event or the reconciliation repeats it.
 */
export const convergeSoon = async (ports: ConvergePorts, siteId: SiteId, causationId: string): Promise<void> => {
  try {
    await convergeSite(ports, siteId, { causationId })
  } catch (error) {
    ports.log.warn({ siteId, err: error }, 'a site could not be converged; the event will repeat it')
  }
}
