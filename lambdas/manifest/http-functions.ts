import type { Audience, Operation } from '../_runtime/operation.ts'
import { api } from '../http/api.ts'
import { publicOperations } from '../http/public-operations.ts'
import { webhookOperations } from '../webhooks/webhook-operations.ts'
import type { HttpFunction } from './function-entry.ts'

const operationsFor = (audience: Audience): readonly Operation[] =>
  Object.values<Operation>(api).filter((operation) => operation.audience === audience)

/** What answers people and Stripe: one function for each kind of them, so that each is allowed no more than they need. */
export const httpFunctions = {
  'public-api': {
    kind: 'http',
    entry: 'lambdas/http/public-api.ts',
    operations: Object.values<Operation>(publicOperations),
    timeoutSeconds: 15,
    permissions: [
      'rate-windows:write',
      'signups:write',
      'accounts:read',
      'accounts:write',
      'sessions:write',
      'sites:read',
      'mail:send',
    ],
  },
  'owner-api': {
    kind: 'http',
    entry: 'lambdas/http/owner-api.ts',
    operations: operationsFor('owner'),
    timeoutSeconds: 15,
    permissions: [
      'sessions:read',
      'sessions:write',
      'sites:read',
      'sites:write',
      'blueprints:read',
      'workflows:start',
      'archives:link',
      'rate-windows:read',
      'rate-windows:write',
      'totals:read',
      'trials:read',
      'waiting-list:write',
      'accounts:read',
      'accounts:write',
      'payments:call',
      'domains:read',
      'domains:write',
    ],
  },
  'stripe-webhook': {
    kind: 'http',
    entry: 'lambdas/webhooks/stripe-webhook.ts',
    operations: Object.values<Operation>(webhookOperations),
    // Stripe waits for no longer than some seconds, and tells it again.
    timeoutSeconds: 10,
    permissions: ['payments:note'],
  },
  'operator-api': {
    kind: 'http',
    entry: 'lambdas/http/operator-api.ts',
    operations: operationsFor('operator'),
    timeoutSeconds: 15,
    permissions: [
      'accounts:read',
      'brake:read',
      'brake:write',
      'rate-windows:read',
      'reconciliations:read',
      'reconciliations:request',
      'sites:read',
      'sites:write',
      'totals:read',
      'trials:read',
      'trials:write',
      'waiting-list:read',
      'workflows:start',
    ],
  },
} as const satisfies Readonly<Record<string, HttpFunction>>
