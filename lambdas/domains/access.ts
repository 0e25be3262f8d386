import { gives, items, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const domains = async (writing: Writing) => (await import('./store.ts')).createDomainStore(writing)

/** Custom domains are stored below their sites; released domains and events of domains have partitions of their own. */
export const access = {
  'domains:read': gives(
    { domains },
    items('main', ['GetItem'], 'SITE', 'HOST', 'DOMAIN'),
    items('main', ['Query'], 'SITE'),
  ),
  'domains:write': gives(
    { domains },
    items('main', ['GetItem'], 'DOMAIN'),
    items('main', ['PutItem'], 'SITE', 'HOST', 'DOMAIN'),
    items('main', ['DeleteItem'], 'SITE', 'HOST'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
