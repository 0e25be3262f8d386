import { items, itemsBelow, type PortsIn, type TableAccesses, type Writing } from '../../adapters/dynamodb/access.ts'

const idleChecks = async (writing: Writing) => (await import('./store.ts')).createIdleChecks(writing)

export const access = {
  // Checks of idle sites, and the last sweep.
  'idle:check': {
    ports: { idleChecks },
    items: [items('main', ['PutItem', 'DeleteItem'], 'IDLE'), itemsBelow('main', ['GetItem', 'PutItem'], 'IDLE-SWEEP')],
    queries: [{ indexes: ['due'], prefixes: ['DUE#idle'] }],
  },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
