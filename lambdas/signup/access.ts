import { gives, items, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const signups = async (writing: Writing) => (await import('./store.ts')).createSignupStore(writing)
const signupMails = async (writing: Writing) => (await import('./mail-store.ts')).createSignupMails(writing)
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
