import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const auditLog = async (writing: Writing) => (await import('./audit/store.ts')).createAuditLog(writing)
const refusals = async (writing: Writing) => (await import('./audit/store.ts')).createRefusalCounts(writing)
const entrances = async (writing: Writing) => (await import('./entrance/store.ts')).createEntranceStore(writing)
const operatorSessions = async (writing: Writing) => (await import('./store.ts')).createOperatorSessions(writing)

export const access = {
  // Entries are put, each under a new key. No function updates or deletes one.
  'audit:append': gives({ auditLog: only(auditLog, 'append') }, itemsBelow('audit', ['PutItem'], 'AUDIT')),
  'audit:read': gives({ auditLog }, itemsBelow('audit', ['Query'], 'AUDIT')),
  'refusals:count': gives({ refusals: only(refusals, 'count') }, itemsBelow('short', ['UpdateItem'], 'REFUSALS')),
  'refusals:enter': gives(
    { refusals },
    itemsBelow('short', ['Query', 'DeleteItem'], 'REFUSALS'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ),
  // Routers consume them.
  'entrances:open': gives({ entrances: only(entrances, 'keep') }, items('short', ['PutItem'], 'ENTRANCE')),
  // Functions for owners have no permission on them.
  'operators:verify': gives(
    { operatorSessions: only(operatorSessions, 'find') },
    items('short', ['GetItem'], 'OPERATOR-SESSION'),
  ),
  // The audit log names operators by the addresses of their sessions.
  'operator-sessions:use': gives(
    { operatorSessions: only(operatorSessions, 'find', 'noteUse', 'listOf') },
    items('short', ['UpdateItem', 'Query'], 'OPERATOR-SESSION'),
  ),
  // With the sign-in.
  'operators:sign-in': gives(
    { operatorSessions },
    items('short', ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'], 'OPERATOR-SESSION'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
