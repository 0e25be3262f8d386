import { gives, items, itemsBelow, type PortsIn, query, type Writing } from '../../adapters/dynamodb/access.ts'

const idleChecks = async (writing: Writing) => (await import('./store.ts')).createIdleChecks(writing)

export const access = {
  // Checks of idle sites, and the last sweep.
  'idle:check': gives(
    { idleChecks },
    items('main', ['PutItem', 'DeleteItem'], 'IDLE'),
    itemsBelow('main', ['GetItem', 'PutItem'], 'IDLE-SWEEP'),
    query(['due'], 'DUE#idle'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
