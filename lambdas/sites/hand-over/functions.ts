import { defineFunction, task, type WorkflowAlarms, waitingTask } from '../../_runtime/define-function.ts'
import { credentialsOperations } from './operations.ts'

export const workflows = {
  'handover-site': { failed: 'A new site stays closed to visitors, because its product does not know its owner.' },
} satisfies WorkflowAlarms

declare module '../../../core/ports/workflows.ts' {
  interface StateMachines extends Record<keyof typeof workflows, true> {}
}

// How a product learns who its owner is.

/** It reads the owner's address and the site's secrets, and can start, stop or remove nothing. */
export const handOverSite = defineFunction({
  name: 'hand-over-site',
  triggers: [
    task('CallHook', ['handover-site'], async () => (await import('./hand-over-site.ts')).handOverSite),
    task('FailHandOver', ['handover-site'], async () => (await import('./hand-over-site.ts')).failHandOver),
  ],
  uses: ['sites:read', 'sites:write', 'accounts:read', 'blueprints:read', 'secrets:open', 'secrets:read', 'hooks:call'],
  timeout: 30,
  // A task whose site does not agree yet fails.
  alarm: { feels: 'New sites whose product needs to know its owner stay closed to visitors.', tolerated: 49 },
})

/** Runs a command that makes the owner an administrator: it starts that, and nothing that stays. */
export const handOverByTask = defineFunction({
  name: 'hand-over-by-task',
  triggers: [
    waitingTask(
      'HandOverByTask',
      ['handover-site'],
      async () => (await import('./hand-over-by-task.ts')).handOverByTask,
    ),
    waitingTask(
      'HandOverFirst',
      ['provision-site'],
      async () => (await import('../build/hand-over-first.ts')).handOverFirst,
    ),
  ],
  uses: [
    'sites:read',
    'sites:write',
    'accounts:read',
    'blueprints:read',
    'secrets:open',
    'secrets:read',
    'runtime:run',
  ],
  timeout: 300,
  // A task that finds a command still running fails.
  alarm: { feels: 'New sites whose product has a command for its administrator stay closed.', tolerated: 49 },
})

/** Apart from the owners' other operations: it has the sites' secrets. */
export const credentialsApi = defineFunction({
  name: 'credentials-api',
  triggers: [
    {
      operations: Object.values(credentialsOperations),
      answers: async () => (await import('./operations.ts')).credentialsAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'sessions:read',
    'accounts:read',
    'audit:append',
    'refusals:count',
    'deployments:read',
    'sites:read',
    'sites:write',
    'blueprints:read',
    'secrets:open',
    'secrets:read',
  ],
  timeout: 15,
  alarm: { feels: 'Owners do not see the credentials of their site, and cannot export its secrets.', tolerated: 0 },
})
