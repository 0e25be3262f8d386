import type { ItemGrant } from './item-grants.ts'
import { items } from './item-grants.ts'
import type { Permission } from './permission.ts'

/**
 * What permissions read and write in the tables. A write whose reply was lost is looked for, and so whoever writes may read
 * what it wrote. Permissions that touch no item are not here.
 */
export const storePermissions: Readonly<Partial<Record<Permission, readonly ItemGrant[]>>> = {
  'accounts:read': [items('main', ['GetItem'], 'ACCOUNT', 'EMAIL', 'PERSON')],
  'accounts:write': [items('main', ['PutItem'], 'ACCOUNT', 'EMAIL', 'PERSON')],
  'blueprints:read': [items('main', ['GetItem', 'Query'], 'BLUEPRINT')],
  // Which messages are over.
  'mail:send': [items('short', ['GetItem', 'PutItem'], 'MAIL')],
  'rate-windows:write': [items('short', ['UpdateItem'], 'WINDOW')],
  // Which port each site of a cell has.
  'runtime:read': [items('main', ['GetItem', 'Query'], 'PORTS')],
  'runtime:start': [items('main', ['GetItem', 'Query', 'PutItem'], 'PORTS')],
  'runtime:remove': [items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'PORTS')],
  'sessions:read': [items('short', ['GetItem'], 'SESSION')],
  'sessions:write': [items('short', ['GetItem', 'PutItem', 'DeleteItem'], 'SESSION')],
  'signups:write': [
    items('short', ['GetItem', 'PutItem', 'UpdateItem'], 'SIGNUP'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ],
  'sites:read': [items('main', ['GetItem'], 'SITE', 'HOST')],
  'sites:write': [
    items('main', ['GetItem'], 'SITE'),
    // The account's part is its one trial, which a build that failed gives back.
    items('main', ['PutItem'], 'SITE', 'HOST', 'ACCOUNT'),
    items('main', ['DeleteItem'], 'ACCOUNT'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ],
}
