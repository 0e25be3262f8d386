import { defineFunction } from '../../_runtime/define-function.ts'
import { logOperations } from './operations.ts'

/** Apart from the other operations: it alone of them has the sites' secrets, which it hides from readers. */
export const logApi = defineFunction({
  name: 'log-api',
  triggers: [
    {
      operations: Object.values(logOperations),
      answers: async () => (await import('./operations.ts')).logAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'sessions:read',
    'audit:append',
    'refusals:count',
    'sites:read',
    'blueprints:read',
    'secrets:open',
    'secrets:read',
    'runtime:observe',
  ],
  timeout: 29,
  alarm: { feels: 'Staff and owners cannot read the output of sites.', tolerated: 0 },
})
