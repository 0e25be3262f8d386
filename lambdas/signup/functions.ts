import { defineFunction } from '../_runtime/define-function.ts'
import { publicOperations } from './operations.ts'

export { access } from './access.ts'

export const publicApi = defineFunction({
  name: 'public-api',
  triggers: [
    {
      operations: Object.values(publicOperations),
      answers: async () => (await import('./answers.ts')).publicAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'api:describe',
    'rate-windows:write',
    'signups:write',
    'accounts:read',
    'accounts:write',
    'sessions:write',
    'team:invited',
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
