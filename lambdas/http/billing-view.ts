import type * as z from 'zod'
import type { Account } from '../../core/account/account.ts'
import { billingFacts } from '../../core/billing/billing-facts.ts'
import type { Site } from '../../core/site/site.ts'
import { isKept } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { billingViewSchema } from './billing-view-schema.ts'

type BillingView = z.infer<typeof billingViewSchema>

/** How a site is paid for, as its owner sees it. */
export const billingView = (
  site: Site,
  account: Pick<Account, 'customerId' | 'currency'> | undefined,
  policies: TrialPolicies,
): BillingView => {
  const billing = isKept(site) ? site.billing : undefined
  return {
    state: billing?.state ?? 'none',
    plan: billing?.plan ?? site.plan,
    interval: billing?.interval ?? null,
    currency: billing?.currency ?? account?.currency ?? null,
    paidThrough: billing?.paidThrough ?? null,
    cancelsAtPeriodEnd: billing?.cancelsAtPeriodEnd ?? false,
    pastDueSince: billing?.state === 'past-due' ? (billing.pastDueSince ?? null) : null,
    graceEndsAt: isKept(site) ? billingFacts(site, policies).paymentDueBy : null,
    customerId: account?.customerId ?? null,
  }
}
