import type { SiteId } from '../ids.ts'
import type { ConvergePorts } from './converge-ports.ts'
import { convergeSite } from './converge-site.ts'

/** Whose billing somebody has heard of. */
export type BillingOf =
  | { readonly customerId: string; readonly siteId?: SiteId | undefined }
  | { readonly siteId: SiteId }

/** What names its site is about that one, and need not be looked for. */
const sitesOf = async (
  { payments }: Pick<ConvergePorts, 'payments'>,
  { customerId, siteId }: Extract<BillingOf, { readonly customerId: string }>,
): Promise<ReadonlySet<SiteId>> => {
  if (siteId !== undefined) return new Set([siteId])
  return new Set((await payments.subscriptionsOf(customerId)).flatMap((subscription) => subscription.siteId ?? []))
}

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
  const siteIds = await sitesOf(ports, of)
  if (siteIds.size === 0)
    ports.log.info({ event: 'payment-not-ours', customerId: of.customerId }, 'a payment is for no site of ours')
  for (const siteId of siteIds) {
    const outcome = await convergeSite(ports, siteId, { causationId, knownCustomers: [of.customerId] })
    if (outcome === 'unknown') ports.log.warn({ siteId }, 'a subscription is for a site that is not there')
  }
}
