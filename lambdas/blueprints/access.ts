import { gives, items, type OpenPort, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import type { BlueprintReader } from './ports.ts'

const blueprints = async (writing: Writing) => (await import('./store.ts')).createBlueprintStore(writing)
const readBlueprints: OpenPort<BlueprintReader> = blueprints

export const access = {
  'blueprints:read': gives({ blueprints: readBlueprints }, items('main', ['GetItem', 'Query'], 'BLUEPRINT')),
  'blueprints:write': gives({ blueprints }, items('main', ['GetItem', 'PutItem'], 'BLUEPRINT')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
