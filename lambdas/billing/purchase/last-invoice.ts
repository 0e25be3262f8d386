import type { PaidInvoice } from '../../../core/ports/payments.ts'
import { findOwnSite, type OwnerAct } from '../../../core/site/change-site.ts'
import { admitInWindow } from '../../rate-limits/admit-in-window.ts'
import type { BillingActPorts } from './admit-payment-act.ts'

/** A page reads it whenever it is opened. Its limit is not that of purchases, which a reader must not use up. */
const readsPerHour = 60

/**
 * Finds the last paid invoice of a site, also of one that was purged.
 * @throws {SitewrightError} `NotFound`, `RateLimited`, `Unavailable`.
 */
export const findLastInvoice = async (ports: BillingActPorts, act: OwnerAct): Promise<PaidInvoice | undefined> => {
  const site = await findOwnSite(ports, act)
  const subscriptionId = 'billing' in site ? site.billing?.subscriptionId : undefined
  if (subscriptionId === undefined) return undefined
  await admitInWindow(ports, {
    key: `invoice-reads-${act.accountId}`,
    limit: readsPerHour,
    milliseconds: 60 * 60_000,
    message: (wait) => `Too many requests for invoices. Try again in ${wait}.`,
  })
  return ports.payments.lastInvoice(subscriptionId)
}
