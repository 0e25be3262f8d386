import { defineFunction } from '../_runtime/define-function.ts'
import { insightOperations, siteBillingOperations } from '../operators/insight-operations.ts'
import { operatorOperations } from '../operators/operations.ts'
import { operatorSignInOperations } from '../operators/sign-in-operations.ts'
import { logOperations } from '../sites/logs/operations.ts'
import { ownerOperations } from '../sites/operations.ts'
import { publicOperations } from './operations.ts'

// Calls by people: one function for each audience, with only the permissions that the audience needs.

export const publicApi = defineFunction({
  name: 'public-api',
  triggers: [
    {
      operations: Object.values(publicOperations),
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'rate-windows:write',
    'signups:write',
    'accounts:read',
    'accounts:write',
    'sessions:write',
    'sites:read',
    'mail:send',
    'summary-links:read',
    'usage:read',
    'visits:count',
  ],
  processesReserved: 50,
  timeout: 15,
  alarm: { feels: 'Visitors cannot sign up or sign in.', tolerated: 0 },
})

export const ownerApi = defineFunction({
  name: 'owner-api',
  triggers: [
    {
      operations: Object.values(ownerOperations),
      run: async () => (await import('../sites/api.ts')).create,
    },
  ],
  uses: [
    'sessions:read',
    'sessions:write',
    'leads:change',
    'sites:history',
    'sites:read',
    'sites:write',
    'blueprints:read',
    'rollouts:read',
    'workflows:start',
    'archives:link',
    'readings:read',
    'refusals:count',
    'rate-windows:read',
    'rate-windows:write',
    'totals:place',
    'totals:read',
    'trials:read',
    'trials:admit',
    'waiting-list:write',
    'accounts:read',
    'accounts:write',
    'payments:call',
    'domains:check',
    'domains:read',
    'domains:write',
    'entrances:open',
    'summary-links:write',
    'usage:read',
  ],
  processesReserved: 50,
  timeout: 15,
  alarm: { feels: 'Owners cannot see or create their sites.', tolerated: 0 },
})

export const operatorApi = defineFunction({
  name: 'operator-api',
  triggers: [
    {
      operations: [...Object.values(operatorOperations), ...Object.values(insightOperations)],
      run: async () => (await import('../operators/api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'operator-sessions:use',
    'accounts:read',
    'audit:append',
    'audit:read',
    'refusals:count',
    'blueprints:read',
    'blueprints:write',
    'rollouts:read',
    'brake:read',
    'brake:write',
    'entrances:open',
    'evidence:read',
    'mail:find',
    'rate-windows:read',
    'reconciliations:read',
    'reconciliations:request',
    'sites:read',
    'sites:list',
    'sites:write',
    'totals:place',
    'totals:read',
    'trials:read',
    'trials:admit',
    'trials:write',
    'waiting-list:read',
    'workflows:start',
  ],
  timeout: 15,
  alarm: { feels: 'Staff cannot manage sites.', tolerated: 0 },
})

/** Apart from what operators do: it alone opens and ends their sessions, and anybody can call it. */
export const operatorSignIn = defineFunction({
  name: 'operator-sign-in',
  triggers: [
    {
      operations: Object.values(operatorSignInOperations),
      run: async () => (await import('../operators/sign-in-api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'operators:sign-in', 'audit:append', 'refusals:count', 'rate-windows:write'],
  timeout: 15,
  alarm: { feels: 'Staff cannot sign in.', tolerated: 0 },
})

/** Apart from the other operations: it alone of them has the sites' secrets, which it hides from readers. */
export const logApi = defineFunction({
  name: 'log-api',
  triggers: [
    {
      operations: Object.values(logOperations),
      run: async () => (await import('../sites/logs/api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'sessions:read',
    'audit:append',
    'refusals:count',
    'sites:read',
    'blueprints:read',
    'secrets:read',
    'runtime:observe',
  ],
  timeout: 29,
  alarm: { feels: 'Staff and owners cannot read the output of sites.', tolerated: 0 },
})

/** Apart from the other operations: no function both decides and has the key of Stripe. */
export const siteBillingApi = defineFunction({
  name: 'site-billing-api',
  triggers: [
    {
      operations: Object.values(siteBillingOperations),
      run: async () => (await import('../billing/api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'audit:append', 'refusals:count', 'sites:read', 'accounts:read', 'payments:call'],
  timeout: 29,
  alarm: { feels: 'Staff cannot see the billing of sites.', tolerated: 0 },
})

export const admitWaiting = defineFunction({
  name: 'admit-waiting',
  triggers: [
    {
      everyMinutes: 1,
      run: async () => (await import('../events/serve-waiting.ts')).serveWaiting,
    },
  ],
  uses: [
    'accounts:read',
    'leads:change',
    'mail:send',
    'rate-windows:read',
    'rate-windows:write',
    'refusals:enter',
    'signup-mails:send',
    'totals:read',
    'trials:read',
    'waiting-list:write',
    'people:erase',
  ],
  oneAtATime: true,
  timeout: 60,
  alarm: {
    feels:
      'People on the waiting list and those whose code is queued get no mail; deleted accounts are not erased; the audit log lacks refusals.',
    tolerated: 2,
  },
})
