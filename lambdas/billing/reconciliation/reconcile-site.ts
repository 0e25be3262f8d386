import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Subscription } from '../../../core/ports/payments.ts'
import { isKept, type KeptSite, type PurgedSite, type Site } from '../../../core/site/site.ts'
import { type Convergence, type ConvergePorts, convergeSite } from '../handle-billing-event.ts'
import { nextBillingStep } from '../next-billing-step.ts'
import { isSoldBy } from '../price.ts'
import { reportBilling } from '../report-billing.ts'
import { isRefundDue, refundsToFollow } from '../unwanted-subscriptions.ts'

export interface ReconciledSite {
  readonly outcome: Convergence
  readonly isDisputed: boolean
  /** A person has to refund a payment. */
  readonly isUnreturned: boolean
}

const billable = (site: Site | undefined): KeptSite | PurgedSite | undefined =>
  isKept(site) || site?.status === 'purged' ? site : undefined

const isInLine = (
  { plans, policies, clocks, randomness }: ConvergePorts,
  site: KeptSite | PurgedSite,
  listed: readonly Subscription[],
  causationId: string,
): boolean => {
  const context = { actor: system, causationId, clocks, randomness }
  const policy = policies.find(site.policyVersion)
  const terms = { policy, context, isSold: isSoldBy(plans) }
  // A recorded subscription that was not listed may belong to another customer by now.
  const isListed = site.billing === undefined || listed.some(({ id }) => id === site.billing?.subscriptionId)
  return isListed && refundsToFollow(site).length === 0 && nextBillingStep(site, listed, terms) === undefined
}

/**
 * Compares Stripe's list with a site's record. If they differ, Stripe is asked again: the list is minutes old.
 * @throws {SitewrightError} `Unavailable`.
 */
export const reconcileSite = async (
  ports: ConvergePorts,
  siteId: SiteId,
  { listed, causationId }: { readonly listed: readonly Subscription[]; readonly causationId: string },
): Promise<ReconciledSite> => {
  const before = billable(await ports.sites.get(siteId))
  if (before === undefined) return { outcome: 'unknown', isDisputed: false, isUnreturned: false }
  const found = (outcome: Convergence, site: KeptSite | PurgedSite | undefined): ReconciledSite => ({
    outcome,
    isDisputed: listed.some(({ isDisputed }) => isDisputed),
    isUnreturned: site !== undefined && isRefundDue(site),
  })
  if (isInLine(ports, before, listed, causationId)) {
    reportBilling(ports, before, listed)
    return found('same', before)
  }
  const knownCustomers = [...new Set(listed.map(({ customerId }) => customerId))]
  const outcome = await convergeSite(ports, siteId, { causationId, knownCustomers })
  return found(outcome, billable(await ports.sites.get(siteId)))
}
