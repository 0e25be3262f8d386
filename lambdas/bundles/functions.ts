import { defineFunction } from '../_runtime/define-function.ts'
import { bundleAnswers, bundleOperations } from './operations.ts'

/** Apart from the other operations of staff: it alone makes sites and accounts from what another installation says. It opens no secret. */
export const bundleApi = defineFunction({
  name: 'bundle-api',
  triggers: [
    {
      operations: Object.values(bundleOperations),
      answers: async () => bundleAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'accounts:open',
    'accounts:read',
    'audit:append',
    'refusals:count',
    'blueprints:read',
    'configurations:import',
    'domains:read',
    'domains:write',
    'secrets:seal',
    'sites:read',
    'sites:write',
    'totals:place',
    'workflows:start',
  ],
  timeout: 15,
  alarm: { feels: 'Staff cannot move sites to another installation, or from one.', tolerated: 0 },
})
