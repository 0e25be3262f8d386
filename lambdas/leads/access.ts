import { gives, items, only, type PortsIn, query, type Writing } from '../../adapters/dynamodb/access.ts'

const leads = async (writing: Writing) => (await import('./store.ts')).createLeadStore(writing)
const leadLists = async (writing: Writing) => (await import('./store.ts')).createLeadLists(writing)

/** Events of leads are below them. */
export const access = {
  'leads:change': gives({ leads: only(leads, 'get', 'save') }, items('main', ['GetItem', 'PutItem'], 'LEAD')),
  'leads:follow': gives(
    { leads },
    items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'LEAD'),
    query(['due'], 'DUE#lead'),
  ),
  'leads:list': gives({ leadLists }, query(['byAccount', 'byStatus', 'readyPool'], 'LEAD')),
  'leads:read': gives({ leads: only(leads, 'get') }, items('main', ['GetItem'], 'LEAD')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
