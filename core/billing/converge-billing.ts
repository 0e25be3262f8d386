import type { SiteId } from '../ids.ts'
import type { ConvergePorts } from './converge-ports.ts'
import { convergeSite } from './converge-site.ts'

/** Whose billing somebody has heard of. */
export type BillingOf =
  | { readonly customerId: string; readonly siteId?: SiteId | undefined }
  | { readonly siteId: SiteId }

/**
 * Brings every site that is concerned into line with what Stripe says now. Whatever told of it is not asked: it may be late,
 * doubled or out of order. Somebody else's subscription is no site of ours, and is left alone.
 * @throws {SitewrightError} `Unavailable`: to be repeated.
 */
export const convergeBilling = async (ports: ConvergePorts, of: BillingOf, causationId: string): Promise<void> => {
  if (!('customerId' in of)) {
    await convergeSite(ports, of.siteId, { causationId })
    return
  }
  const subscriptions = await ports.payments.subscriptionsOf(of.customerId)
  const siteIds = new Set([of.siteId ?? [], ...subscriptions.map(({ siteId }) => siteId ?? [])].flat())
  if (siteIds.size === 0) ports.log.info({ customerId: of.customerId }, 'a payment is for no site of ours')
  for (const siteId of siteIds) {
    const outcome = await convergeSite(ports, siteId, { causationId, knownCustomers: [of.customerId] })
    if (outcome === 'unknown') ports.log.warn({ siteId }, 'a subscription is for a site that is not there')
  }
}
