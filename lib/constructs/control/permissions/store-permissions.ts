import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import type { Grant } from './grant.ts'
import type { Surroundings } from './surroundings.ts'

type Action = 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem'

/** Access to items whose partition keys begin so; see adapters/dynamodb/keys.ts. */
export interface ItemGrant {
  readonly table: 'main' | 'short'
  readonly actions: readonly Action[]
  readonly prefixes: readonly string[]
  /** Whole partition keys, of which there is one. */
  readonly keys?: readonly string[]
}

const items = (table: ItemGrant['table'], actions: readonly Action[], ...prefixes: readonly string[]): ItemGrant => ({
  table,
  actions,
  prefixes,
})

/** Of what is kept below one partition key. */
const itemsBelow = (table: ItemGrant['table'], actions: readonly Action[], key: string): ItemGrant => ({
  table,
  actions,
  prefixes: [],
  keys: [key],
})

/**
 * One statement for each table and action with all its prefixes: a transaction may be judged item by item, or by all the
 * keys that it puts into a table at once, and this allows what is needed either way. Nothing here scans, so there always is
 * a partition key to judge by.
 */
export const itemGrants = (
  { names, arn }: Pick<Surroundings, 'names' | 'arn'>,
  grants: readonly ItemGrant[],
): readonly Grant[] => {
  const tables = { main: names.tables, short: `${names.tables}-short` }
  const patternsBy = new Map<string, { table: ItemGrant['table']; action: Action; patterns: Set<string> }>()
  for (const { table, actions, prefixes, keys = [] } of grants) {
    for (const action of actions) {
      const entry = patternsBy.get(`${table} ${action}`) ?? { table, action, patterns: new Set() }
      for (const pattern of [...prefixes.map((prefix) => `${prefix}#*`), ...keys]) entry.patterns.add(pattern)
      patternsBy.set(`${table} ${action}`, entry)
    }
  }
  return [...patternsBy.values()].map(({ table, action, patterns }) => ({
    actions: [`dynamodb:${action}`],
    resources: [arn('dynamodb', `table/${tables[table]}`)],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns].toSorted() } },
  }))
}

/** The items that each capability reads and writes. A writer may read too, to check a write whose reply was lost. */
export const storePermissions = {
  'accounts:read': [items('main', ['GetItem'], 'ACCOUNT', 'EMAIL', 'PERSON')],
  'accounts:write': [items('main', ['PutItem'], 'ACCOUNT', 'EMAIL', 'PERSON')],
  // Its state, and the history of it.
  'brake:write': [itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'BRAKE')],
  // What is taken away counts in one with what the clock takes away.
  'pace:take': [itemsBelow('main', ['GetItem', 'PutItem'], 'BRAKE'), itemsBelow('main', ['Query'], 'TOTALS')],
  // Each of Stripe's events, and ours about it.
  'payments:note': [items('main', ['PutItem'], 'PAYMENT')],
  // Who asks for billing to be reconciled writes that with its event, and may not write what is found.
  'reconciliations:read': [
    items('main', ['GetItem'], 'RECONCILIATION'),
    itemsBelow('main', ['GetItem'], 'BILLING-REPORT'),
  ],
  'reconciliations:request': [items('main', ['PutItem'], 'RECONCILIATION')],
  'reconciliations:write': [itemsBelow('main', ['UpdateItem'], 'BILLING-REPORT')],
  // Custom domains are below their sites, and what is kept of released ones, and their events, by themselves.
  'domains:read': [items('main', ['GetItem'], 'SITE', 'HOST', 'DOMAIN'), items('main', ['Query'], 'SITE')],
  'domains:write': [
    items('main', ['GetItem'], 'DOMAIN'),
    items('main', ['PutItem'], 'SITE', 'HOST', 'DOMAIN'),
    items('main', ['DeleteItem'], 'SITE', 'HOST'),
  ],
  // A wait that is noted replaces the one before.
  'jobs:complete': [itemsBelow('short', ['Query', 'DeleteItem'], 'JOBS')],
  'jobs:note': [itemsBelow('short', ['PutItem'], 'JOBS')],
  'quarantine:write': [itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'QUARANTINE')],
  'totals:read': [itemsBelow('main', ['Query'], 'TOTALS')],
  'trials:read': [itemsBelow('main', ['Query'], 'TRIAL-CONTROLS')],
  'trials:write': [itemsBelow('main', ['Query', 'PutItem'], 'TRIAL-CONTROLS')],
  'waiting-list:read': [itemsBelow('main', ['Query'], 'WAITING'), items('main', ['GetItem'], 'ACCOUNT')],
  // Each entry is below its account too.
  'waiting-list:write': [
    itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'WAITING'),
    items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'ACCOUNT'),
  ],
  // How a site was counted last is kept beside it.
  'totals:write': [items('main', ['GetItem', 'PutItem'], 'SITE'), itemsBelow('main', ['UpdateItem'], 'TOTALS')],
  'brake:read': [itemsBelow('main', ['GetItem'], 'BRAKE')],
  'blueprints:read': [items('main', ['GetItem', 'Query'], 'BLUEPRINT')],
  // Which messages are over.
  'mail:send': [items('short', ['GetItem', 'PutItem'], 'MAIL')],
  'readings:read': [items('main', ['GetItem'], 'SITE')],
  'rate-windows:read': [items('short', ['GetItem'], 'WINDOW')],
  'rate-windows:write': [items('short', ['UpdateItem'], 'WINDOW')],
  // Which port each site of a cell has.
  'runtime:read': [items('main', ['GetItem', 'Query'], 'PORTS')],
  'runtime:start': [items('main', ['GetItem', 'Query', 'PutItem'], 'PORTS')],
  'runtime:remove': [items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'PORTS')],
  'sessions:read': [items('short', ['GetItem'], 'SESSION')],
  'sessions:write': [items('short', ['GetItem', 'PutItem', 'DeleteItem'], 'SESSION')],
  'signup-mails:send': [items('short', ['GetItem', 'Query', 'DeleteItem'], 'SIGNUP')],
  'signups:write': [
    items('short', ['GetItem', 'PutItem', 'UpdateItem'], 'SIGNUP'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ],
  // A site's events are below it.
  'sites:read': [items('main', ['GetItem'], 'SITE', 'HOST'), items('main', ['Query'], 'SITE')],
  'sites:write': [
    items('main', ['GetItem'], 'SITE'),
    // The account's part is its one trial, which a build that failed gives back.
    items('main', ['PutItem'], 'SITE', 'HOST', 'ACCOUNT'),
    items('main', ['DeleteItem'], 'ACCOUNT'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ],
} satisfies Readonly<Partial<Record<Capability, readonly ItemGrant[]>>>
