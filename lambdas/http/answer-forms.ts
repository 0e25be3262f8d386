import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import { slugProblems } from '../../core/hostname/slug.ts'
import { idSchema } from '../../core/ids.ts'
import { limitsSchema, priceSchema, productLimitsSchema, sizeSchema } from '../../core/plan/plan.ts'
import { accountExportSchema, accountViewSchema } from '../accounts/answers.ts'
import { sessionListSchema } from '../accounts/session/views.ts'
import { leadAnswers } from '../leads/answers.ts'
import { operatorAnswers } from '../operators/answers.ts'
import { insightAnswers } from '../operators/insight-answers.ts'
import { operatorSignInAnswers } from '../operators/sign-in-answers.ts'
import { rolloutAnswers } from '../releases/operations.ts'
import { reportAnswers } from '../reports/operations.ts'
import { ownerAnswers } from '../sites/answers.ts'
import { summaryAnswers } from '../sites/summary/operations.ts'
import { webhookEndpointAnswers } from '../webhooks/operations.ts'
import type { api } from './api.ts'

/** An operation's answer with one status. */
export interface AnswerForm {
  readonly description: string
  readonly schema?: z.ZodType
  /** JSON by default. */
  readonly contentType?: 'text/plain' | 'application/jsonl' | 'text/csv'
  readonly headers?: Readonly<Record<string, string>>
}

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
    productLimits: productLimitsSchema.optional().meta({ description: 'Limits that the product enforces, by name.' }),
  })
  .meta({ id: 'Plan' })

const logsView = z
  .strictObject({
    containers: z.array(
      z.strictObject({
        container: z.string(),
        lines: z.array(z.string()).meta({ description: 'At most 200, without the secrets of the site.' }),
      }),
    ),
    cursor: z.string().meta({ description: 'For `after`: what is written afterwards.' }),
  })
  .meta({ id: 'SiteLogs' })
const logs = { 200: { description: 'The containers that run and their lines, oldest first.', schema: logsView } }

/**
 * The successful answers of each operation, by status. Only the description of the API imports them, so that no cold start
 * loads them.
 */
export const answerForms: Readonly<Record<keyof typeof api, Readonly<Record<number, AnswerForm>>>> = {
  ...summaryAnswers,
  ...webhookEndpointAnswers,
  ...leadAnswers,
  ...reportAnswers,
  operatorReadLogs: logs,
  readLogs: logs,
  revealCredentials: {
    200: {
      description: 'The credentials. They are not shown again.',
      schema: z.strictObject({
        credentials: z.array(z.strictObject({ label: z.string(), user: z.string().nullable(), value: z.string() })),
      }),
    },
  },
  countVisit: { 204: { description: 'The visit was counted.' } },
  startSignup: { 201: { description: 'The code was mailed.', schema: signupView } },
  submitSignupForm: {
    303: { description: 'The code was mailed.', headers: { Location: 'The page that asks for the code.' } },
  },
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
  reopenByLink: { 204: { description: 'The account is kept. Its sites stay suspended until you resume them.' } },
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
  getSession: {
    200: {
      description: 'The account of the session.',
      schema: z.strictObject({
        account: accountView,
        session: z.strictObject({
          expiresAt: instant,
          idleEndsAt: instant.meta({ description: 'When it ends if it is not used again.' }),
        }),
        now: instant.meta({ description: 'The time of the domain clock, which can be advanced on one machine.' }),
        contact: emailSchema.meta({ description: 'The contact address for owners.' }),
      }),
    },
  },
  findSession: {
    200: {
      description: 'The address of whoever is signed in, null if nobody is, and the time of the domain clock.',
      schema: z.strictObject({ email: emailSchema.nullable(), now: z.iso.datetime({ precision: 3 }) }),
    },
  },
  endSession: { 204: { description: 'Signed out.' } },
  listSessions: { 200: { description: 'The sessions.', schema: sessionListSchema } },
  endOtherSessions: { 204: { description: 'The other sessions have ended.' } },
  revokeSession: { 204: { description: 'The session has ended.' } },
  getAccount: { 200: { description: 'The account.', schema: accountViewSchema } },
  changeAccount: { 200: { description: 'The account.', schema: accountViewSchema } },
  chooseMarketing: { 200: { description: 'The account.', schema: accountViewSchema } },
  closeAccount: {
    202: {
      description: 'The account is closed. Its sites are being deleted, and then it is.',
      schema: accountViewSchema,
    },
  },
  reopenAccount: { 200: { description: 'The account is kept.', schema: accountViewSchema } },
  exportAccount: {
    200: {
      description: 'All data about the person and the account, as a file.',
      schema: accountExportSchema,
      headers: { 'Content-Disposition': '`attachment`, with a file name.' },
    },
  },
  ...ownerAnswers,
  ...operatorAnswers,
  ...operatorSignInAnswers,
  ...insightAnswers,
  ...rolloutAnswers,
  receiveStripeEvent: {
    200: {
      description: 'The event is recorded, a duplicate, or not relevant.',
      schema: z.strictObject({ received: z.literal(true) }),
    },
  },
}
