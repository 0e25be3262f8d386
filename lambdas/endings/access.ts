import { itemsBelow, only, type PortsIn, type TableAccesses, type Writing } from '../../adapters/dynamodb/access.ts'

const jobWaits = async (writing: Writing) => (await import('./copy/store.ts')).createJobWaits(writing)
const quarantine = async (writing: Writing) => (await import('./leftovers/store.ts')).createQuarantine(writing)

export const access = {
  'jobs:complete': {
    ports: { jobWaits: only(jobWaits, 'list', 'remove') },
    items: [itemsBelow('short', ['Query', 'DeleteItem'], 'JOBS')],
  },
  // A new wait replaces the previous one.
  'jobs:note': { ports: { jobWaits: only(jobWaits, 'note') }, items: [itemsBelow('short', ['PutItem'], 'JOBS')] },
  'quarantine:write': {
    ports: { quarantine },
    items: [itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'QUARANTINE')],
  },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
