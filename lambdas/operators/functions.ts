import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { operatorRehearsalOperations } from '../rehearsals/operations.ts'
import { insightOperations } from './insight-operations.ts'
import { operatorOperations } from './operations.ts'
import { operatorSignInOperations } from './sign-in-operations.ts'
import { operatorSiteOperations } from './site-operations.ts'

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

export const operatorApi = defineFunction({
  name: 'operator-api',
  triggers: [
    {
      operations: [
        ...Object.values(operatorSiteOperations),
        ...Object.values(operatorOperations),
        ...Object.values(insightOperations),
        ...Object.values(operatorRehearsalOperations),
      ],
      answers: async () => (await import('./insight-answers.ts')).insightAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'operator-sessions:use',
    'accounts:read',
    'audit:append',
    'audit:read',
    'refusals:count',
    'blueprints:list',
    'blueprints:read',
    'blueprints:write',
    'rollouts:read',
    'brake:read',
    'brake:write',
    'entrances:open',
    'evidence:read',
    'mail:find',
    'rate-windows:read',
    'readings:read',
    'reconciliations:read',
    'reconciliations:request',
    'sites:read',
    'sites:list',
    'sites:write',
    'totals:place',
    'totals:read',
    'trials:read',
    'trials:admit',
    'trials:write',
    'usage:read',
    'waiting-list:read',
    'workflows:start',
  ],
  timeout: 15,
  alarm: { feels: 'Staff cannot manage sites.', tolerated: 0 },
})

/** Apart from what operators do: it alone opens and ends their sessions, and anybody can call it. */
export const operatorSignIn = defineFunction({
  name: 'operator-sign-in',
  triggers: [
    {
      operations: Object.values(operatorSignInOperations),
      answers: async () => (await import('./sign-in-answers.ts')).operatorSignInAnswers,
      run: async () => (await import('./sign-in-api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'operators:sign-in', 'audit:append', 'refusals:count', 'rate-windows:write'],
  timeout: 15,
  alarm: { feels: 'Staff cannot sign in.', tolerated: 0 },
})
