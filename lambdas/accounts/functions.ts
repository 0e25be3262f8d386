import { defineFunction } from '../_runtime/define-function.ts'
import { teamOperations } from './team/operations.ts'

export { access } from './access.ts'

/** Apart from the other operations of owners: it alone of them mails what people ask for, and it takes no payments and starts nothing. */
export const teamApi = defineFunction({
  name: 'team-api',
  triggers: [
    {
      operations: Object.values(teamOperations),
      answers: async () => (await import('./team/operations.ts')).teamAnswers,
      run: async () => (await import('./team/api.ts')).create,
    },
  ],
  uses: [
    'sessions:read',
    'accounts:read',
    'refusals:count',
    'sites:read',
    'rate-windows:write',
    'team:write',
    'mail:send',
  ],
  timeout: 15,
  alarm: { feels: 'Owners cannot invite or remove members, and nobody can create or revoke tokens.', tolerated: 0 },
})
