import { gives, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const jobWaits = async (writing: Writing) => (await import('./store.ts')).createJobWaits(writing)
const quarantine = async (writing: Writing) => (await import('./store.ts')).createQuarantine(writing)

export const access = {
  'jobs:complete': gives(
    { jobWaits: only(jobWaits, 'list', 'remove') },
    itemsBelow('short', ['Query', 'DeleteItem'], 'JOBS'),
  ),
  // A new wait replaces the previous one.
  'jobs:note': gives({ jobWaits: only(jobWaits, 'note') }, itemsBelow('short', ['PutItem'], 'JOBS')),
  'quarantine:write': gives({ quarantine }, itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'QUARANTINE')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
