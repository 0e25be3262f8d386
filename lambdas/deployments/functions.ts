import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents } from '../_runtime/patterns.ts'
import { environmentOperations } from '../environments/operations.ts'
import { deploymentOperations } from './operations.ts'

const deployments = async (writing: Writing) => (await import('./store.ts')).createDeploymentStore(writing)

export const access = {
  'deployments:add': gives(
    { deployments: only(deployments, 'add', 'find', 'list', 'read') },
    items('main', ['GetItem', 'Query', 'PutItem'], 'DEPLOYMENT'),
    itemsBelow('main', ['PutItem'], 'DEPLOYMENTS'),
    items('short', ['PutItem'], 'IDEMPOTENCY'),
  ),
  'deployments:erase': gives(
    { deployments: only(deployments, 'erase') },
    items('main', ['Query', 'DeleteItem'], 'DEPLOYMENT'),
    itemsBelow('main', ['DeleteItem'], 'DEPLOYMENTS'),
    // Of blueprints those of sites alone.
    itemsBelow('main', ['Query', 'DeleteItem'], 'BLUEPRINT#site-*'),
    itemsBelow('main', ['DeleteItem'], 'BLUEPRINTS'),
  ),
  'deployments:read': gives({ deployments: only(deployments, 'read') }, items('main', ['GetItem'], 'DEPLOYMENT')),
  'deployments:advance': gives(
    { deployments: only(deployments, 'list', 'read', 'open', 'waiting', 'change') },
    items('main', ['GetItem', 'Query', 'PutItem'], 'DEPLOYMENT'),
    itemsBelow('main', ['Query', 'DeleteItem'], 'DEPLOYMENTS'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

/** Apart from the other operations of owners: it alone of them changes what a site runs. */
export const deploymentApi = defineFunction({
  name: 'deployment-api',
  triggers: [
    {
      operations: [...Object.values(deploymentOperations), ...Object.values(environmentOperations)],
      answers: async () => (await import('../environments/answers.ts')).environmentAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'sessions:read',
    'accounts:read',
    'refusals:count',
    'sites:history',
    'sites:read',
    'sites:write',
    'blueprints:read',
    'usage:read',
    'blueprints:publish',
    'configurations:change',
    'secrets:seal',
    'totals:place',
    'rate-windows:read',
    'rate-windows:write',
    'deployments:add',
    'deployments:advance',
    'evidence:read',
    'software:own',
    'archives:upload',
    'workflows:start',
  ],
  timeout: 29,
  alarm: { feels: 'Owners cannot deploy their own software, or create environments.', tolerated: 0 },
})

/** Begins deployments that waited for their site, and notes how those that have begun have ended. */
export const advanceDeployments = defineFunction({
  name: 'advance-deployments',
  triggers: [
    {
      everyMinutes: 1,
      wokenBy: onEvents('SiteUpgraded', 'SiteOperationEnded', 'SiteOpened', 'SiteCopied'),
      run: async () => (await import('./advance-deployments.ts')).advanceDeployments,
    },
  ],
  uses: [
    'allowances:read',
    'sites:history',
    'sites:read',
    'sites:write',
    'blueprints:publish',
    'configurations:erase',
    'deployments:advance',
    'deployments:erase',
    'evidence:read',
    'software:own',
    'workflows:start',
  ],
  oneAtATime: true,
  timeout: 60,
  alarm: { feels: 'Deployments begin late, and developers do not learn how they ended.', tolerated: 2 },
})
