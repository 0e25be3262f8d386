import { gives, items, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { publicOperations } from './operations.ts'

const signups = async (writing: Writing) => (await import('./store.ts')).createSignupStore(writing)
const signupMails = async (writing: Writing) => (await import('./store.ts')).createSignupMails(writing)
const idempotency = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/idempotency.ts')).createIdempotencyStore(writing)

export const access = {
  'signup-mails:send': gives(
    { signups: only(signups, 'get'), signupMails: only(signupMails, 'queued', 'unqueue') },
    items('short', ['GetItem', 'Query', 'DeleteItem'], 'SIGNUP'),
  ),
  'signups:write': gives(
    { signups, signupMails, idempotency },
    items('short', ['GetItem', 'PutItem', 'UpdateItem'], 'SIGNUP'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

export const publicApi = defineFunction({
  name: 'public-api',
  triggers: [
    {
      operations: Object.values(publicOperations),
      answers: async () => (await import('./answers.ts')).publicAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'api:describe',
    'rate-windows:write',
    'signups:write',
    'accounts:read',
    'accounts:write',
    'sessions:write',
    'team:invited',
    'sites:read',
    'mail:send',
    'summary-links:read',
    'usage:read',
    'visits:count',
  ],
  processesReserved: 50,
  timeout: 15,
  alarm: { feels: 'Visitors cannot sign up or sign in.', tolerated: 0 },
})
