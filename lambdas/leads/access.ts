import { items, only, type PortsIn, type TableAccesses, type Writing } from '../../adapters/dynamodb/access.ts'

const leads = async (writing: Writing) => (await import('./store.ts')).createLeadStore(writing)
const leadLists = async (writing: Writing) => (await import('./store.ts')).createLeadLists(writing)

/** Events of leads are below them. */
export const access = {
  'leads:change': {
    ports: { leads: only(leads, 'get', 'save') },
    items: [items('main', ['GetItem', 'PutItem'], 'LEAD')],
  },
  'leads:follow': {
    ports: { leads },
    items: [items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'LEAD')],
    queries: [{ indexes: ['due'], prefixes: ['DUE#lead'] }],
  },
  'leads:list': {
    ports: { leadLists },
    items: [],
    queries: [{ indexes: ['byAccount', 'byStatus', 'readyPool'], prefixes: ['LEAD'] }],
  },
  'leads:read': { ports: { leads: only(leads, 'get') }, items: [items('main', ['GetItem'], 'LEAD')] },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
