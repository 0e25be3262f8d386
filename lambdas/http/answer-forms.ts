import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { limitsSchema, priceSchema, sizeSchema } from '../../core/plan/plan.ts'
import { webhookAnswers } from '../webhooks/webhook-answers.ts'
import type { AnswerForm } from './answer-form.ts'
import type { api } from './api.ts'
import { billingAnswers } from './billing-answers.ts'
import { domainAnswers } from './domain-answers.ts'
import { operatorAnswers } from './operator-answers.ts'
import { ownerSiteAnswers } from './owner-site-answers.ts'
import { siteViewSchema } from './site-view-schema.ts'

const instant = z.iso.datetime({ precision: 3 })

const signupView = z.strictObject({ id: idSchema('sgn'), email: z.string(), expiresAt: instant }).meta({ id: 'Signup' })
const accountView = z.strictObject({ id: idSchema('acct'), email: z.string() }).meta({ id: 'Account' })

const planView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['trial', 'paid', 'enterprise']),
    prices: z.array(priceSchema),
    size: sizeSchema,
    limits: limitsSchema,
    features: z.array(z.string()),
  })
  .meta({ id: 'Plan' })

/**
 * What each operation answers when all goes well, by status. Apart from the operations: only the description of the API needs
 * it, and a function that starts does not.
 */
export const answerForms: Readonly<Record<keyof typeof api, Readonly<Record<number, AnswerForm>>>> = {
  startSignup: { 201: { description: 'The code was mailed.', schema: signupView } },
  verifySignup: {
    200: {
      description: 'Signed in. The token is also set as a cookie.',
      schema: z.strictObject({
        account: accountView,
        session: z.strictObject({ token: z.string(), expiresAt: instant }),
      }),
      headers: { 'Set-Cookie': 'The session, for browsers.' },
    },
  },
  checkHostname: {
    200: {
      description: 'Whether the name is available, and if not, why.',
      schema: z.strictObject({
        slug: z.string(),
        hostname: z.string(),
        available: z.boolean(),
        reason: z.string().optional(),
      }),
    },
  },
  listPlans: { 200: { description: 'The plans.', schema: z.strictObject({ plans: z.array(planView) }) } },
  checkHealth: {
    200: {
      description: 'Sign-ups work.',
      schema: z.strictObject({
        status: z.literal('ok'),
        pool: z.strictObject({ ready: z.int(), target: z.int() }),
      }),
    },
  },
  describeApi: { 200: { description: 'An OpenAPI 3.1 document.', schema: z.record(z.string(), z.unknown()) } },
  getSession: {
    200: {
      description: 'The account of the session.',
      schema: z.strictObject({
        account: accountView,
        session: z.strictObject({ expiresAt: instant }),
        now: instant.meta({
          description: 'The time of the domain clock, which can be advanced on one machine.',
        }),
        contact: z.email().meta({ description: 'The contact address for owners.' }),
      }),
    },
  },
  endSession: { 204: { description: 'Signed out.' } },
  createSite: {
    200: {
      description: 'The site of an earlier request with this Idempotency-Key. It has failed or ended since.',
      schema: siteViewSchema,
      headers: { Location: 'The path of the site in this API.' },
    },
    201: {
      description: 'The site, already running.',
      schema: siteViewSchema,
      headers: { Location: 'The path of the site in this API.' },
    },
    202: {
      description: 'The site, being built.',
      schema: siteViewSchema,
      headers: { Location: 'The path of the site in this API.' },
    },
  },
  listSites: {
    200: {
      description: 'One page. A cursor means that more pages follow.',
      schema: z.strictObject({ sites: z.array(siteViewSchema), cursor: z.string().optional() }),
    },
  },
  ...ownerSiteAnswers,
  ...billingAnswers,
  ...domainAnswers,
  ...operatorAnswers,
  ...webhookAnswers,
}
