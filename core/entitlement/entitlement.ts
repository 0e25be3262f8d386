import * as z from 'zod'
import { billingFacts } from '../billing/entitled-until.ts'
import type { Plan } from '../plan/plan.ts'
import { limitsSchema } from '../plan/plan.ts'
import type { Unlocks } from '../plan/plan-catalogue.ts'
import type { ActiveSite } from '../site/site.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'

/** The request header that carries the signed entitlement to a site. */
export const entitlementHeader = 'x-sitewright-entitlement'

/** Every request header with this prefix is ours: what comes from outside is dropped. */
export const ownHeaderPrefix = 'x-sitewright-'

/** The response header that says of a trial site when its trial ends: `ends=<instant>`. */
export const trialHeader = 'x-sitewright-trial'

/** A token lives at most this long. */
export const entitlementSeconds = 60

/** What a site may do, and what it may show of itself. */
export const entitlementSchema = z.object({
  name: z.string(),
  plan: z.string(),
  features: z.array(z.string()).readonly(),
  limits: limitsSchema,
  facts: z.object({
    trialEndsAt: z.string().nullable(),
    /** Until when it runs though a payment is overdue. */
    paymentDueBy: z.string().nullable(),
    /** Until when it runs though its subscription has ended or is paused. */
    endsAt: z.string().nullable(),
    /** Where its owner looks after it, and pays. */
    consoleUrl: z.string(),
    /** For each feature that the plan lacks, the ids of the plans that have it. */
    unlocks: z.record(z.string(), z.array(z.string()).readonly()).readonly(),
  }),
})
export type Entitlement = z.infer<typeof entitlementSchema>

export const entitlementOf = (
  site: ActiveSite,
  plan: Plan,
  known: { readonly unlocks: Unlocks; readonly policies: TrialPolicies; readonly consoleUrl: string },
): Entitlement => ({
  name: site.ownership.name,
  plan: plan.id,
  features: plan.features,
  limits: plan.limits,
  facts: {
    trialEndsAt: plan.kind === 'trial' ? site.trialEndsAt : null,
    ...billingFacts(site, known.policies),
    consoleUrl: known.consoleUrl,
    unlocks: known.unlocks,
  },
})
