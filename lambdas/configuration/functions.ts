import { gives, items, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

// No functions of its own: what others are given.

const configurations = async (writing: Writing) => (await import('./store.ts')).createConfigurationStore(writing)

/** What starts a site reads the values that are set for it. Operators set secrets, and nothing that they call can open them. */
export const access = {
  'secrets:open': gives(
    { configurations: only(configurations, 'read', 'list', 'readGenerated') },
    items('main', ['GetItem', 'Query'], 'CONFIGURATION'),
  ),
  // Values of secrets are sealed.
  'configurations:read': gives(
    { configurations: only(configurations, 'read') },
    items('main', ['GetItem'], 'CONFIGURATION'),
  ),
  'configurations:change': gives(
    { configurations: only(configurations, 'read', 'list', 'add', 'remove') },
    items('main', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'CONFIGURATION'),
  ),
  // Of a site from another installation, and of one that goes there.
  'configurations:import': gives(
    { configurations: only(configurations, 'read', 'list', 'add', 'readGenerated', 'keepGenerated') },
    items('main', ['GetItem', 'Query', 'PutItem'], 'CONFIGURATION'),
  ),
  'configurations:erase': gives(
    { configurations: only(configurations, 'erase') },
    items('main', ['Query', 'DeleteItem'], 'CONFIGURATION'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
