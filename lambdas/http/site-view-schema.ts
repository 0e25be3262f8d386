import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { buildSteps } from '../../core/site/site.ts'
import { lifeForm } from './life-view-schema.ts'

const instant = z.iso.datetime({ precision: 3 })

export const siteViewSchema = z
  .strictObject({
    id: idSchema('site'),
    slug: z.string(),
    hostname: z.string(),
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
    ...lifeForm,
    failure: z.strictObject({ reason: z.string(), at: instant }).optional(),
  })
  .meta({ id: 'Site' })
