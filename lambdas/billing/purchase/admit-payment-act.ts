import type { AccountId, SiteId } from '../../../core/ids.ts'
import type { Payments } from '../../../core/ports/payments.ts'
import type { StorageMeter } from '../../../core/ports/runtime.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { ChangeAccountPorts } from '../../accounts/change-account.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { Offers } from '../../offers/offers.ts'
import { type AdmitPorts, admitInWindow } from '../../rate-limits/admit-in-window.ts'
import { type ConvergePorts, convergeSite } from '../converge-site.ts'

/** Each one makes several requests to Stripe, from a quota that all sites share. */
export const paymentActsPerHour = 30
/** For how long a change of plan charges the amount of its preview. */
export const previewMinutes = 15
/**
 * Rate-limits checkouts, plan changes, their previews and portal visits together.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitPaymentAct = (ports: AdmitPorts, accountId: AccountId): Promise<void> =>
  admitInWindow(ports, {
    key: `payment-acts-${accountId}`,
    limit: paymentActsPerHour,
    milliseconds: 60 * 60_000,
    message: (wait) => `Too many payment requests. Try again in ${wait}.`,
  })

export interface BillingActPorts extends ConvergePorts, ChangeAccountPorts, AdmitPorts {
  readonly sites: SiteStore
  readonly accounts: AccountStore
  readonly payments: Payments
  readonly meter: StorageMeter
  readonly offers: Offers
  /** Where Stripe sends owners back to, without a trailing slash. */
  readonly consoleUrl: string
}

/** Converges a site before Stripe's event arrives. A failure is only logged: the event or the reconciliation repeats it. */
export const convergeSoon = async (ports: ConvergePorts, siteId: SiteId, causationId: string): Promise<void> => {
  try {
    await convergeSite(ports, siteId, { causationId })
  } catch (error) {
    ports.log.warn({ siteId, err: error }, 'a site could not be converged; the event will repeat it')
  }
}
