import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const rollouts = async (writing: Writing) => (await import('./store.ts')).createRolloutStore(writing)

export const access = {
  'rollouts:read': gives(
    { rollouts: only(rollouts, 'list', 'listAll', 'read', 'readOfCell') },
    itemsBelow('main', ['GetItem', 'Query'], 'ROLLOUTS'),
  ),
  // Events of roll-outs are below the blueprint or the cell.
  'rollouts:write': gives(
    { rollouts },
    itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'ROLLOUTS'),
    items('main', ['PutItem'], 'ROLLOUT'),
    // Whether a cell takes new sites stands beside the counts of cells.
    itemsBelow('main', ['PutItem'], 'TOTALS'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
