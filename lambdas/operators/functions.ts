import { defineFunction } from '../_runtime/define-function.ts'
import { operatorRehearsalOperations } from '../rehearsals/operations.ts'
import { insightOperations } from './insight-operations.ts'
import { operatorOperations } from './operations.ts'
import { operatorSignInOperations } from './sign-in-operations.ts'

export { access } from './access.ts'

export const operatorApi = defineFunction({
  name: 'operator-api',
  triggers: [
    {
      operations: [
        ...Object.values(operatorOperations),
        ...Object.values(insightOperations),
        ...Object.values(operatorRehearsalOperations),
      ],
      answers: async () => (await import('./insight-answers.ts')).insightAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'operator-sessions:use',
    'accounts:read',
    'audit:append',
    'audit:read',
    'refusals:count',
    'blueprints:list',
    'blueprints:read',
    'blueprints:write',
    'rollouts:read',
    'brake:read',
    'brake:write',
    'entrances:open',
    'evidence:read',
    'mail:find',
    'rate-windows:read',
    'readings:read',
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
    'usage:read',
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
      answers: async () => (await import('./sign-in-answers.ts')).operatorSignInAnswers,
      run: async () => (await import('./sign-in-api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'operators:sign-in', 'audit:append', 'refusals:count', 'rate-windows:write'],
  timeout: 15,
  alarm: { feels: 'Staff cannot sign in.', tolerated: 0 },
})
