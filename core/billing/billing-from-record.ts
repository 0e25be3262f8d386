import type { PlanCatalogue } from '../plan/plan.ts'
import type { Billing } from '../ports/billing.ts'

/** Goes by the site's own plan: whatever is no trial is paid for, by arrangement. Of a plan that is gone nobody can say. */
export const billingFromRecord = ({ plans }: PlanCatalogue): Billing => ({
  isPaidFor: async (site) => {
    const plan = plans.find(({ id }) => id === site.plan)
    if (plan === undefined) return 'unknown'
    return plan.kind === 'trial' ? 'unpaid' : 'paid'
  },
})
