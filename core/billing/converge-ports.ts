import type { PlanCatalogue } from '../plan/plan.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { Payments } from '../ports/payments.ts'
import type { AccountStore, SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'

/** What it takes to bring sites into line with Stripe. */
export interface ConvergePorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly payments: Pick<
    Payments,
    | 'subscriptionsOf'
    | 'getSubscription'
    | 'customerOfDispute'
    | 'setCancelAtPeriodEnd'
    | 'cancel'
    | 'refund'
    | 'refundedOf'
  >
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}
