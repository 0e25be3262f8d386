import {
  items,
  itemsBelow,
  only,
  type PortsIn,
  type TableAccesses,
  type Writing,
} from '../../adapters/dynamodb/access.ts'

const rollouts = async (writing: Writing) => (await import('./store.ts')).createRolloutStore(writing)

export const access = {
  'rollouts:read': {
    ports: { rollouts: only(rollouts, 'list', 'read') },
    items: [itemsBelow('main', ['GetItem', 'Query'], 'ROLLOUTS')],
  },
  // Events of roll-outs are below the blueprint.
  'rollouts:write': {
    ports: { rollouts },
    items: [itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'ROLLOUTS'), items('main', ['PutItem'], 'ROLLOUT')],
  },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
