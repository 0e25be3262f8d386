import { items, type OpenPort, type PortsIn, type TableAccesses, type Writing } from '../../adapters/dynamodb/access.ts'
import type { BlueprintReader } from './ports.ts'

const blueprints = async (writing: Writing) => (await import('./store.ts')).createBlueprintStore(writing)
const readBlueprints: OpenPort<BlueprintReader> = blueprints

export const access = {
  'blueprints:read': {
    ports: { blueprints: readBlueprints },
    items: [items('main', ['GetItem', 'Query'], 'BLUEPRINT')],
  },
  'blueprints:write': { ports: { blueprints }, items: [items('main', ['GetItem', 'PutItem'], 'BLUEPRINT')] },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
