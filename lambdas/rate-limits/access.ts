import { items, only, type PortsIn, type TableAccesses, type Writing } from '../../adapters/dynamodb/access.ts'

const rateWindows = async (writing: Writing) => (await import('./store.ts')).createRateWindows(writing)

export const access = {
  'rate-windows:read': {
    ports: { rateWindows: only(rateWindows, 'read') },
    items: [items('short', ['GetItem'], 'WINDOW')],
  },
  'rate-windows:write': { ports: { rateWindows }, items: [items('short', ['UpdateItem'], 'WINDOW')] },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
