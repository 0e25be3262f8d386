import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { teamOperations } from './team/operations.ts'

const accounts = async (writing: Writing) => (await import('./store.ts')).createAccountStore(writing)
const accountChanges = async (writing: Writing) => (await import('./store.ts')).createAccountChanges(writing)
const accountOpenings = async (writing: Writing) => (await import('./store.ts')).createAccountOpenings(writing)
const closureTasks = async (writing: Writing) => (await import('./closure-store.ts')).createClosureTasks(writing)
const siteEraser = async (writing: Writing) => (await import('./closure-store.ts')).createSiteEraser(writing)
const personEraser = async (writing: Writing) => (await import('./closure-store.ts')).createPersonEraser(writing)
const checkouts = async (writing: Writing) => (await import('../billing/store.ts')).createCheckouts(writing)
const team = async (writing: Writing) => (await import('./team/store.ts')).createTeamStore(writing)
const teamEraser = async (writing: Writing) => (await import('./team/store.ts')).createTeamEraser(writing)
const sessions = async (writing: Writing) => (await import('./store.ts')).createSessionStore(writing)

export const access = {
  // Erases accounts: the sites' tombstones lose their names, and the trial stays used.
  'accounts:follow': gives(
    { closureTasks, siteEraser, accounts: only(accounts, 'get'), accountChanges },
    itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'CLOSURES'),
    items('main', ['GetItem', 'PutItem'], 'ACCOUNT'),
    items('main', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'SITE'),
    items('main', ['PutItem', 'DeleteItem'], 'HOST'),
    items('short', ['Query', 'DeleteItem'], 'EVIDENCE'),
  ),
  // For the address that comes with a site from another installation: it has no account, or one that an invitation to a team brought.
  'accounts:open': gives(
    { accountOpenings, accountChanges },
    items('main', ['GetItem', 'PutItem'], 'ACCOUNT', 'EMAIL', 'PERSON'),
  ),
  // For deployments that waited.
  'allowances:read': gives({ accounts: only(accounts, 'get') }, items('main', ['GetItem'], 'ACCOUNT')),
  'accounts:read': gives({ accounts }, items('main', ['GetItem'], 'ACCOUNT', 'EMAIL', 'PERSON')),
  // A closed account leaves tasks.
  'accounts:write': gives(
    { accountChanges, checkouts },
    items('main', ['PutItem'], 'ACCOUNT', 'EMAIL', 'PERSON'),
    itemsBelow('main', ['PutItem'], 'CLOSURES'),
  ),
  // The checkouts of sites, too.
  'customers:redact': gives(
    { closureTasks: only(closureTasks, 'list', 'remove'), checkouts: only(checkouts, 'find') },
    itemsBelow('main', ['Query', 'DeleteItem'], 'CLOSURES'),
    items('main', ['GetItem'], 'SITE'),
  ),
  'people:erase': gives(
    { closureTasks, personEraser, teamEraser, team: only(team, 'accountsOf') },
    itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'CLOSURES'),
    items('main', ['DeleteItem'], 'ACCOUNT', 'EMAIL', 'LEAD', 'PERSON'),
    items('main', ['GetItem', 'DeleteItem'], 'REPORT-ACCOUNT'),
    items('short', ['PutItem'], 'REPORT-ACCOUNT'),
    items('main', ['Query', 'DeleteItem'], 'TEAM'),
    items('short', ['Query', 'DeleteItem'], 'INVITATION', 'SESSION', 'SIGNUP'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ),
  // With the role of a member, and with the tokens of accounts.
  'sessions:read': gives(
    { sessions: only(sessions, 'find'), team: only(team, 'member', 'token') },
    items('short', ['GetItem'], 'SESSION'),
    items('main', ['GetItem'], 'TEAM'),
  ),
  // With the sign-in or the end of the session.
  'sessions:write': gives(
    { sessions },
    items('short', ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'], 'SESSION'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ),
  // Whether an address that signs in for the first time was invited.
  'team:invited': gives({ team: only(team, 'invitationsTo') }, items('short', ['Query'], 'INVITATION')),
  // And notes the use of a token, as with sessions.
  'team:read': gives(
    { team: only(team, 'accountsOf', 'noteTokenUse') },
    items('main', ['Query', 'UpdateItem'], 'TEAM'),
  ),
  'team:write': gives(
    { team },
    items('main', ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'], 'TEAM'),
    items('short', ['Query', 'PutItem', 'DeleteItem'], 'INVITATION'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

/** Apart from the other operations of owners: it alone of them mails what people ask for, and it takes no payments and starts nothing. */
export const teamApi = defineFunction({
  name: 'team-api',
  triggers: [
    {
      operations: Object.values(teamOperations),
      answers: async () => (await import('./team/operations.ts')).teamAnswers,
      run: async () => (await import('./team/api.ts')).create,
    },
  ],
  uses: [
    'sessions:read',
    'accounts:read',
    'refusals:count',
    'sites:read',
    'rate-windows:write',
    'team:write',
    'mail:send',
  ],
  timeout: 15,
  alarm: { feels: 'Owners cannot invite or remove members, and nobody can create or revoke tokens.', tolerated: 0 },
})
