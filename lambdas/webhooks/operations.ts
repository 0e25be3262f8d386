import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { forOperators } from '../_runtime/operation.ts'
import { line, pageQuery } from '../http/input-forms.ts'
import { maxWebhookEndpoints, overlapHours, webhookAnswerSchema } from './webhook.ts'
import { webhookTypeSchema } from './webhook-types.ts'

const path = '/v1/operator/webhooks'
const sales = ['sales', 'admin'] as const
const admin = ['admin'] as const

const reason = line(500).describe('The reason, for the audit log. Do not include personal data.')
const endpointParams = z.object({ id: z.string().max(100) })
const url = z
  .string()
  .max(2000)
  .describe('An https address. Webhooks go to public addresses only, and follow no redirect.')
const types = z
  .array(webhookTypeSchema)
  .max(100)
  .describe(
    'The types that it gets; all, also later ones, if this is empty. An endpoint that gets addresses always gets `consent.withdrawn` and `person.erased` too.',
  )

const marketing = z
  .boolean()
  .describe(
    'Whether it gets only what is about accounts whose owner agreed to marketing, and every `account.closed`, `consent.withdrawn` and `person.erased`.',
  )

export const webhookEndpointOperations = forOperators({
  operatorListWebhooks: { get: path, roles: sales, summary: 'List the endpoints of webhooks.' },
  operatorCreateWebhook: {
    post: path,
    roles: admin,
    summary: 'Create an endpoint of webhooks. Its secret is shown once.',
    body: z.strictObject({
      url,
      description: line(100),
      types: types.default([]),
      marketing: marketing.default(false),
      reason,
    }),
    errors: ['TransitionNotAllowed'],
  },
  operatorGetWebhook: {
    get: `${path}/{id}`,
    roles: sales,
    summary: 'Get an endpoint of webhooks.',
    params: endpointParams,
    errors: ['NotFound'],
  },
  operatorChangeWebhook: {
    patch: `${path}/{id}`,
    roles: admin,
    summary:
      'Change, disable or enable an endpoint of webhooks. A disabled one misses what happens meanwhile; withdrawals and erasures wait for it.',
    params: endpointParams,
    body: z.strictObject({
      url: url.optional(),
      description: line(100).optional(),
      types: types.optional(),
      marketing: marketing.optional(),
      enabled: z.boolean().optional(),
      reason,
    }),
    errors: ['NotFound', 'VersionConflict'],
  },
  operatorDeleteWebhook: {
    delete: `${path}/{id}`,
    roles: admin,
    summary: 'Delete an endpoint of webhooks, with all that it has not accepted yet.',
    params: endpointParams,
    body: z.strictObject({ reason }),
    errors: ['NotFound'],
  },
  operatorRotateWebhook: {
    post: `${path}/{id}/secret`,
    roles: admin,
    summary: 'Make a new secret, which is shown once. Meanwhile both sign.',
    params: endpointParams,
    body: z.strictObject({
      overlapHours: z
        .int()
        .min(0)
        .max(overlapHours.max)
        .default(overlapHours.usual)
        .describe(
          'For how long the present secret signs too. 0 ends it, and one before it, at once. While a former one still signs, only 0 is possible.',
        ),
      reason,
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  operatorListWebhookAttempts: {
    get: `${path}/{id}/attempts`,
    roles: sales,
    summary: 'List the attempts of the last 30 days to send webhooks to an endpoint, newest first.',
    params: endpointParams,
    query: z.strictObject(pageQuery),
    errors: ['NotFound'],
  },
  operatorRedeliverWebhook: {
    post: `${path}/{id}/attempts/{attemptId}/redelivery`,
    roles: sales,
    summary: 'Send the webhook of an attempt again, with the same `webhook-id`, within a minute or two.',
    params: endpointParams.extend({ attemptId: z.string().max(100) }),
    body: z.strictObject({ reason }),
    errors: ['NotFound', 'TransitionNotAllowed'],
  },
})

const instant = z.iso.datetime({ precision: 3 })

export const webhookEndpointViewSchema = named('WebhookEndpoint', {
  id: idSchema('hook'),
  url: z.string(),
  description: z.string(),
  types: z.array(z.string()),
  marketing,
  secrets: z
    .array(z.strictObject({ createdAt: instant, expiresAt: instant.nullable() }))
    .describe('The secrets that sign, the newest first.'),
  disabled: z.strictObject({ at: instant, because: z.enum(['operator', 'failing', 'gone']) }).nullable(),
  createdAt: instant,
})

export const webhookAttemptViewSchema = named('WebhookAttempt', {
  id: idSchema('att'),
  messageId: z.string().describe('The `webhook-id`.'),
  type: z.string(),
  happenedAt: instant,
  at: instant,
  number: z.int().describe('0 if it was not sent, because the endpoint was disabled.'),
  answer: webhookAnswerSchema,
  milliseconds: z.int(),
})

const endpoint = (description: string) => ({ 200: { description, schema: webhookEndpointViewSchema } })
const withSecret = webhookEndpointViewSchema.extend({ secret: z.string().describe('Begins with `whsec_`.') })

export const webhookEndpointAnswers = {
  operatorListWebhooks: {
    200: {
      description: `The endpoints, oldest first; at most ${maxWebhookEndpoints}.`,
      schema: z.strictObject({ endpoints: z.array(webhookEndpointViewSchema), types: z.array(webhookTypeSchema) }),
    },
  },
  operatorCreateWebhook: { 201: { description: 'The endpoint and its secret.', schema: withSecret } },
  operatorGetWebhook: endpoint('The endpoint.'),
  operatorChangeWebhook: endpoint('The endpoint after the change.'),
  operatorDeleteWebhook: { 204: { description: 'The endpoint is deleted.' } },
  operatorRotateWebhook: { 200: { description: 'The endpoint and its new secret.', schema: withSecret } },
  operatorListWebhookAttempts: {
    200: {
      description: 'A page of the log.',
      schema: z.strictObject({ attempts: z.array(webhookAttemptViewSchema), cursor: z.string().nullable() }),
    },
  },
  operatorRedeliverWebhook: {
    202: { description: 'It is queued.', schema: z.strictObject({ messageId: z.string() }) },
  },
} as const
