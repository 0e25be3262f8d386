import { gives, items, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

// No functions of its own: what others are given.

const rateWindows = async (writing: Writing) => (await import('./store.ts')).createRateWindows(writing)

export const access = {
  'rate-windows:read': gives({ rateWindows: only(rateWindows, 'read') }, items('short', ['GetItem'], 'WINDOW')),
  'rate-windows:write': gives({ rateWindows }, items('short', ['UpdateItem'], 'WINDOW')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
