import * as z from 'zod'
import { slugProblems } from '../../core/hostname/slug.ts'
import { idSchema } from '../../core/ids.ts'
import {
  environmentQuotaSchema,
  limitsSchema,
  priceSchema,
  productLimitsSchema,
  sizeSchema,
  sleepMinutesSchema,
} from '../../core/plan/plan.ts'
import type { AnswerForms } from '../_runtime/operation.ts'
import { accountEntrySchema } from '../accounts/answers.ts'
import { summaryAnswers } from '../sites/summary/operations.ts'

const instant = z.iso.datetime({ precision: 3 })

const signupView = z.strictObject({ id: idSchema('sgn'), email: z.string(), expiresAt: instant }).meta({ id: 'Signup' })

const planView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['trial', 'paid', 'enterprise']),
    prices: z.array(priceSchema),
    size: sizeSchema,
    limits: limitsSchema,
    features: z.array(z.string()),
    sleepAfterMinutes: sleepMinutesSchema
      .optional()
      .describe('Without visitors, unless the owner chooses otherwise; absent if its sites are always on.'),
    environments: environmentQuotaSchema.optional(),
    productLimits: productLimitsSchema.optional().describe('Limits that the product enforces, by name.'),
  })
  .meta({ id: 'Plan' })

export const publicAnswers = {
  ...summaryAnswers,
  startSignup: { 201: { description: 'The code was mailed.', schema: signupView } },
  submitSignupForm: {
    303: { description: 'The code was mailed.', headers: { Location: 'The page that asks for the code.' } },
  },
  verifySignup: {
    200: {
      description: 'Signed in. The token is also set as a cookie.',
      schema: z.strictObject({
        account: accountEntrySchema,
        session: z.strictObject({ token: z.string(), expiresAt: instant }),
      }),
      headers: { 'Set-Cookie': 'The session, for browsers.' },
    },
  },
  reopenByLink: {
    204: {
      description:
        'The account is kept. Its sites that are paid for run again; the others stay suspended until you resume them.',
    },
  },
  countVisit: { 204: { description: 'The visit was counted.' } },
  checkHostname: {
    200: {
      description: 'Whether the name is available, and if not, why.',
      schema: z.strictObject({
        slug: z.string(),
        hostname: z.string(),
        available: z.boolean(),
        problem: z.enum(slugProblems).optional(),
        reason: z.string().optional(),
      }),
    },
  },
  listPlans: { 200: { description: 'The plans.', schema: z.strictObject({ plans: z.array(planView) }) } },
  checkHealth: {
    200: {
      description: 'Sign-ups work.',
      schema: z.strictObject({ status: z.literal('ok'), pool: z.strictObject({ ready: z.int(), target: z.int() }) }),
    },
  },
  findSecurityContact: {
    200: { description: 'A `security.txt` file.', schema: z.string(), contentType: 'text/plain' },
  },
  describeApi: { 200: { description: 'An OpenAPI 3.1 document.', schema: z.record(z.string(), z.unknown()) } },
  describeSiteFile: { 200: { description: 'A JSON Schema (2020-12).', schema: z.record(z.string(), z.unknown()) } },
} satisfies AnswerForms
