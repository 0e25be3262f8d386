import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { progressOf } from '../../core/site/progress.ts'
import type { Site } from '../../core/site/site.ts'
import { buildSteps, ownershipOf } from '../../core/site/site.ts'

const instant = z.iso.datetime({ precision: 3 })

export const siteViewSchema = z
  .strictObject({
    id: idSchema('site'),
    slug: z.string(),
    name: z.string(),
    url: z.url(),
    status: z.enum(['building', 'active', 'failed', 'suspended', 'archived', 'purged']),
    plan: z.string(),
    features: z.array(z.string()),
    trialEndsAt: instant.nullable().meta({ description: 'Null until the site is open, and when it is no trial.' }),
    createdAt: instant,
    blueprint: z.strictObject({ name: z.string(), version: z.int() }),
    progress: z.strictObject({
      percent: z.int().min(0).max(100),
      steps: z.array(
        z.strictObject({
          name: z.enum(buildSteps),
          status: z.enum(['pending', 'running', 'done', 'failed']),
          at: instant.nullable(),
        }),
      ),
    }),
    failure: z.strictObject({ reason: z.string(), at: instant }).optional(),
  })
  .meta({ id: 'Site' })
export type SiteView = z.infer<typeof siteViewSchema>

export interface SiteViewPorts {
  readonly plans: PlanCatalogue
  readonly siteUrl: (hostname: string) => string
}

/** A site as its owner sees it; undefined for one of the pool, which is nobody's. */
export const siteView = (site: Site, { plans, siteUrl }: SiteViewPorts): SiteView | undefined => {
  const ownership = ownershipOf(site)
  if (ownership === undefined || site.status === 'ready') return undefined
  const plan = plans.find(site.plan)
  const { percent, steps } = progressOf(site)
  return {
    id: site.id,
    slug: ownership.slug,
    name: ownership.name,
    url: siteUrl(ownership.hostname),
    status: site.status,
    plan: plan.id,
    features: [...plan.features],
    trialEndsAt: 'trialEndsAt' in site && plan.kind === 'trial' ? site.trialEndsAt : null,
    createdAt: site.createdAt,
    blueprint: site.blueprint,
    progress: { percent, steps: [...steps] },
    ...(site.status === 'failed' ? { failure: { reason: site.failure.reason, at: site.failure.at } } : {}),
  }
}
