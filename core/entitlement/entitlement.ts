import * as z from 'zod'
import { purposes } from '../hostname/derived-name.ts'
import { limitsSchema, type Plan, productLimitsSchema } from '../plan/plan.ts'
import type { Unlocks } from '../plan/plan-catalogue.ts'
import { limitsOf } from '../site/environment.ts'
import { billingFacts } from '../site/next-step.ts'
import type { ActiveSite } from '../site/site.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'

export const entitlementHeader = 'x-sitewright-entitlement'

export const purposeHeader = 'x-sitewright-purpose'

/** Request headers with this prefix are removed from visitors' requests. */
export const ownHeaderPrefix = 'x-sitewright-'

/** The response header with the end of a trial: `ends=<instant>`. */
export const trialHeader = 'x-sitewright-trial'

export const entitlementSeconds = 60

export const entitlementSchema = z.object({
  name: z.string(),
  plan: z.string(),
  features: z.array(z.string()).readonly(),
  limits: limitsSchema,
  /** Those that the product enforces; absent if the plan has none. */
  productLimits: productLimitsSchema.optional(),
  facts: z.object({
    trialEndsAt: z.string().nullable(),
    /** Until when it runs although a payment is overdue. */
    paymentDueBy: z.string().nullable(),
    /** Until when it runs although its subscription has ended or is paused. */
    endsAt: z.string().nullable(),
    /** When a planned change may interrupt it, once its owner has accepted that. */
    maintenance: z.object({ from: z.string(), until: z.string() }).optional(),
    consoleUrl: z.string(),
    /** For each purpose, the origin at the hostname derived for it. Absent if another site has that hostname. */
    origins: z.partialRecord(z.enum(purposes), z.string()).readonly(),
    /** For each missing feature, the ids of the plans that have it. */
    unlocks: z.record(z.string(), z.array(z.string()).readonly()).readonly(),
  }),
})
export type Entitlement = z.infer<typeof entitlementSchema>

const maintenanceOf = ({ relocation }: ActiveSite): Pick<Entitlement['facts'], 'maintenance'> => {
  if (relocation?.state !== 'accepted') return {}
  const { from, until } = relocation.window
  return { maintenance: { from, until } }
}

export const entitlementOf = (
  site: ActiveSite,
  plan: Plan,
  known: { unlocks: Unlocks; policies: TrialPolicies; consoleUrl: string; origins: Entitlement['facts']['origins'] },
): Entitlement => ({
  name: site.ownership.name,
  plan: plan.id,
  features: plan.features,
  limits: limitsOf(site, plan),
  ...(plan.productLimits === undefined ? {} : { productLimits: plan.productLimits }),
  facts: {
    trialEndsAt: plan.kind === 'trial' ? site.trialEndsAt : null,
    ...billingFacts(site, known.policies),
    ...maintenanceOf(site),
    consoleUrl: known.consoleUrl,
    origins: known.origins,
    unlocks: known.unlocks,
  },
})
