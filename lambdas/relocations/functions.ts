import { defineFunction } from '../_runtime/define-function.ts'
import { allowanceAnswers } from '../deployments/answers.ts'
import { allowanceOperations } from '../deployments/operations.ts'
import { relocationAnswers, relocationOperations } from './operations.ts'

/** What is agreed with customers. Apart from the other operations of staff: it alone of them may change what a site runs, and where. */
export const relocationApi = defineFunction({
  name: 'relocation-api',
  triggers: [
    {
      operations: [...Object.values(relocationOperations), ...Object.values(allowanceOperations)],
      answers: async () => ({ ...relocationAnswers, ...allowanceAnswers }),
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'accounts:read',
    'accounts:write',
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
  alarm: { feels: 'Sales cannot plan or confirm relocations, or change allowances.', tolerated: 0 },
})
