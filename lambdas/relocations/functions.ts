import { defineFunction } from '../_runtime/define-function.ts'
import { relocationAnswers, relocationOperations } from './operations.ts'

/** Apart from the other operations of staff: it alone of them may change what a site runs, and where. */
export const relocationApi = defineFunction({
  name: 'relocation-api',
  triggers: [
    {
      operations: Object.values(relocationOperations),
      answers: async () => relocationAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'audit:append',
    'refusals:count',
    'blueprints:read',
    'configurations:read',
    'sites:read',
    'sites:write',
    'totals:read',
    'workflows:start',
  ],
  timeout: 15,
  alarm: { feels: 'Sales cannot plan or confirm relocations.', tolerated: 0 },
})
