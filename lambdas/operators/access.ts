import {
  items,
  itemsBelow,
  only,
  type PortsIn,
  type TableAccesses,
  type Writing,
} from '../../adapters/dynamodb/access.ts'

const auditLog = async (writing: Writing) => (await import('./audit/store.ts')).createAuditLog(writing)
const refusals = async (writing: Writing) => (await import('./audit/store.ts')).createRefusalCounts(writing)
const entrances = async (writing: Writing) => (await import('./entrance/store.ts')).createEntranceStore(writing)
const operatorSessions = async (writing: Writing) => (await import('./store.ts')).createOperatorSessions(writing)

export const access = {
  // Entries are put, each under a new key. No function updates or deletes one.
  'audit:append': { ports: { auditLog: only(auditLog, 'append') }, items: [itemsBelow('audit', ['PutItem'], 'AUDIT')] },
  'audit:read': { ports: { auditLog }, items: [itemsBelow('audit', ['Query'], 'AUDIT')] },
  'refusals:count': {
    ports: { refusals: only(refusals, 'count') },
    items: [itemsBelow('short', ['UpdateItem'], 'REFUSALS')],
  },
  'refusals:enter': {
    ports: { refusals },
    items: [itemsBelow('short', ['Query', 'DeleteItem'], 'REFUSALS'), itemsBelow('audit', ['PutItem'], 'AUDIT')],
  },
  // Routers consume them.
  'entrances:open': {
    ports: { entrances: only(entrances, 'keep') },
    items: [items('short', ['PutItem'], 'ENTRANCE')],
  },
  // Functions for owners have no permission on them.
  'operators:verify': {
    ports: { operatorSessions: only(operatorSessions, 'find') },
    items: [items('short', ['GetItem'], 'OPERATOR-SESSION')],
  },
  // The audit log names operators by the addresses of their sessions.
  'operator-sessions:use': {
    ports: { operatorSessions: only(operatorSessions, 'find', 'noteUse', 'listOf') },
    items: [items('short', ['UpdateItem', 'Query'], 'OPERATOR-SESSION')],
  },
  // With the sign-in.
  'operators:sign-in': {
    ports: { operatorSessions },
    items: [
      items('short', ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'], 'OPERATOR-SESSION'),
      itemsBelow('audit', ['PutItem'], 'AUDIT'),
    ],
  },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
