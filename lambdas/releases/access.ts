import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const rollouts = async (writing: Writing) => (await import('./store.ts')).createRolloutStore(writing)

export const access = {
  'rollouts:read': gives(
    { rollouts: only(rollouts, 'list', 'read') },
    itemsBelow('main', ['GetItem', 'Query'], 'ROLLOUTS'),
  ),
  // Events of roll-outs are below the blueprint.
  'rollouts:write': gives(
    { rollouts },
    itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'ROLLOUTS'),
    items('main', ['PutItem'], 'ROLLOUT'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
