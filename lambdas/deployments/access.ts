import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

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
