import type * as z from 'zod'
import type { Account } from '../../core/account/account.ts'
import { entitledUntil } from '../../core/billing/entitled-until.ts'
import type { Site } from '../../core/site/site.ts'
import { isKept } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { billingViewSchema } from './billing-view-schema.ts'

type BillingView = z.infer<typeof billingViewSchema>

/** Until when what was paid for lasts, and what an owner was told that they have besides. */
const endOf = (site: Site, policies: TrialPolicies): string | null =>
  isKept(site) && site.billing !== undefined ? (entitledUntil(site, policies.find(site.policyVersion)) ?? null) : null

/** How a site is paid for, as its owner sees it. */
export const billingView = (
  site: Site,
  account: Pick<Account, 'customerId' | 'currency'> | undefined,
  policies: TrialPolicies,
): BillingView => {
  const billing = isKept(site) ? site.billing : undefined
  const runsUntil = endOf(site, policies)
  return {
    state: billing?.state ?? 'none',
    plan: billing?.plan ?? site.plan,
    interval: billing?.interval ?? null,
    currency: billing?.currency ?? account?.currency ?? null,
    paidThrough: billing?.paidThrough ?? null,
    cancelsAtPeriodEnd: billing?.cancelsAtPeriodEnd ?? false,
    pastDueSince: billing?.state === 'past-due' ? (billing.pastDueSince ?? null) : null,
    graceEndsAt: billing?.state === 'past-due' ? runsUntil : null,
    runsUntil,
    disputed: billing?.isDisputed ?? false,
    customerId: account?.customerId ?? null,
  }
}
