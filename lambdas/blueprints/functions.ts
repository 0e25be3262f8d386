import {
  gives,
  items,
  itemsBelow,
  type OpenPort,
  only,
  type PortsIn,
  type Writing,
} from '../../adapters/dynamodb/access.ts'
import type { BlueprintNames, BlueprintReader } from './ports.ts'

// No functions of its own: what others are given.

const blueprints = async (writing: Writing) => (await import('./store.ts')).createBlueprintStore(writing)
const readBlueprints: OpenPort<BlueprintReader> = blueprints
const listBlueprints: OpenPort<BlueprintNames> = only(blueprints, 'names')

export const access = {
  'blueprints:read': gives({ blueprints: readBlueprints }, items('main', ['GetItem', 'Query'], 'BLUEPRINT')),
  'blueprints:list': gives({ blueprints: listBlueprints }, itemsBelow('main', ['Query'], 'BLUEPRINTS')),
  'blueprints:publish': gives(
    { blueprints: only(blueprints, 'publish') },
    items('main', ['GetItem', 'PutItem'], 'BLUEPRINT'),
  ),
  'blueprints:write': gives(
    { blueprints },
    items('main', ['GetItem', 'PutItem'], 'BLUEPRINT'),
    itemsBelow('main', ['PutItem', 'DeleteItem'], 'BLUEPRINTS'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
