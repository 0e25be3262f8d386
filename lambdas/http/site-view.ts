import type * as z from 'zod'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Site } from '../../core/site/site.ts'
import { ownershipOf } from '../../core/site/site.ts'
import { progressOf } from '../../core/site/site-facts.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import { lifeView } from './life-view.ts'
import type { siteViewSchema } from './site-view-schema.ts'

export type SiteView = z.infer<typeof siteViewSchema>

export interface SiteViewPorts {
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly siteUrl: (hostname: string) => string
}

/** A site as its owner sees it; undefined for one of the pool, which is nobody's. */
export const siteView = (site: Site, { plans, policies, siteUrl }: SiteViewPorts): SiteView | undefined => {
  const ownership = ownershipOf(site)
  if (ownership === undefined || site.status === 'ready') return undefined
  const plan = plans.find(site.plan)
  const { percent, steps } = progressOf(site)
  return {
    id: site.id,
    slug: ownership.slug,
    hostname: ownership.hostname,
    name: ownership.name,
    url: siteUrl(ownership.hostname),
    status: site.status,
    plan: plan.id,
    features: [...plan.features],
    trialEndsAt: 'trialEndsAt' in site && plan.kind === 'trial' ? site.trialEndsAt : null,
    createdAt: site.createdAt,
    blueprint: site.blueprint,
    progress: { percent, steps: [...steps] },
    ...lifeView(site, policies.find(site.policyVersion)),
    ...(site.status === 'failed' ? { failure: { reason: site.failure.reason, at: site.failure.at } } : {}),
  }
}
