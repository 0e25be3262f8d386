import { tablesOf } from '../../../../adapters/dynamodb/tables.ts'
import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import type { Grant } from './grant.ts'
import type { Surroundings } from './surroundings.ts'

type Action = 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'ConditionCheckItem'

/** Access to items whose partition keys begin with a prefix; see adapters/dynamodb/keys.ts. */
export interface ItemGrant {
  readonly table: 'main' | 'short' | 'audit'
  readonly actions: readonly Action[]
  readonly prefixes: readonly string[]
  /** Whole partition keys of single items. */
  readonly keys?: readonly string[]
}

const items = (table: ItemGrant['table'], actions: readonly Action[], ...prefixes: readonly string[]): ItemGrant => ({
  table,
  actions,
  prefixes,
})

/** Items below one partition key. */
const itemsBelow = (table: ItemGrant['table'], actions: readonly Action[], key: string): ItemGrant => ({
  table,
  actions,
  prefixes: [],
  keys: [key],
})

/**
 * One statement for each table and action with all its prefixes: IAM may evaluate a transaction item by item, or by all its
 * keys of a table at once, and this allows both. No function scans, so there is always
 * a partition key to check.
 */
export const itemGrants = (
  { names, arn }: Pick<Surroundings, 'names' | 'arn'>,
  grants: readonly ItemGrant[],
): readonly Grant[] => {
  const tables = tablesOf(names.tables)
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

/** The items that each capability reads and writes. A writer may also read, to check a write whose reply was lost. */
export const storePermissions = {
  // Erases accounts: the sites' tombstones lose their names, and the trial stays used.
  'accounts:follow': [
    itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'CLOSURES'),
    items('main', ['GetItem', 'PutItem'], 'ACCOUNT'),
    items('main', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'SITE'),
    items('main', ['PutItem', 'DeleteItem'], 'HOST'),
    items('short', ['Query', 'DeleteItem'], 'EVIDENCE'),
  ],
  'accounts:read': [items('main', ['GetItem'], 'ACCOUNT', 'EMAIL', 'PERSON')],
  // A closed account leaves tasks.
  'accounts:write': [
    items('main', ['PutItem'], 'ACCOUNT', 'EMAIL', 'PERSON'),
    itemsBelow('main', ['PutItem'], 'CLOSURES'),
  ],
  // Entries are put, each under a new key. No function updates or deletes one.
  'audit:append': [itemsBelow('audit', ['PutItem'], 'AUDIT')],
  'audit:read': [itemsBelow('audit', ['Query'], 'AUDIT')],
  'refusals:count': [itemsBelow('short', ['UpdateItem'], 'REFUSALS')],
  'refusals:enter': [
    itemsBelow('short', ['Query', 'DeleteItem'], 'REFUSALS'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ],
  // The state and its history.
  'brake:write': [itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'BRAKE')],
  // Endings by operators and by deadlines share one count.
  'pace:take': [itemsBelow('main', ['GetItem', 'PutItem'], 'BRAKE'), itemsBelow('main', ['Query'], 'TOTALS')],
  // The checkouts of sites, too.
  'customers:redact': [itemsBelow('main', ['Query', 'DeleteItem'], 'CLOSURES'), items('main', ['GetItem'], 'SITE')],
  'people:erase': [
    itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'CLOSURES'),
    items('main', ['DeleteItem'], 'ACCOUNT', 'EMAIL', 'LEAD', 'PERSON', 'REPORT-ACCOUNT'),
    items('short', ['Query', 'DeleteItem'], 'SESSION', 'SIGNUP'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ],
  // Each event of Stripe, and our own event about it.
  'payments:note': [items('main', ['PutItem'], 'PAYMENT')],
  // A request for a reconciliation is written with its event; its requester may not write the report.
  'reconciliations:read': [
    items('main', ['GetItem'], 'RECONCILIATION'),
    itemsBelow('main', ['GetItem'], 'BILLING-REPORT'),
  ],
  'reconciliations:request': [items('main', ['PutItem'], 'RECONCILIATION')],
  'reconciliations:write': [itemsBelow('main', ['UpdateItem'], 'BILLING-REPORT')],
  // Their events are below the blueprint.
  // What the rows of an account have in common, and whether it is erased.
  'reports:record': [
    items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'REPORT-ACCOUNT'),
    items('main', ['ConditionCheckItem'], 'ACCOUNT'),
    items('short', ['PutItem'], 'ROWS#events', 'ROWS#usage'),
    itemsBelow('short', ['UpdateItem'], 'ROWS#CHANGED'),
  ],
  // Events, to rebuild the data set, and rows.
  'reports:write': [
    items('main', ['Query'], 'ACCOUNT', 'LEAD', 'SITE'),
    items('short', ['Query'], 'ROWS'),
    itemsBelow('short', ['DeleteItem'], 'ROWS#CHANGED'),
  ],
  'visits:count': [items('short', ['UpdateItem'], 'ROWS#visits'), itemsBelow('short', ['UpdateItem'], 'ROWS#CHANGED')],
  'rollouts:read': [itemsBelow('main', ['GetItem', 'Query'], 'ROLLOUTS')],
  'rollouts:write': [
    itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'ROLLOUTS'),
    items('main', ['PutItem'], 'ROLLOUT'),
  ],
  // Custom domains are stored below their sites; released domains and events of domains have partitions of their own.
  'domains:read': [items('main', ['GetItem'], 'SITE', 'HOST', 'DOMAIN'), items('main', ['Query'], 'SITE')],
  'domains:write': [
    items('main', ['GetItem'], 'DOMAIN'),
    items('main', ['PutItem'], 'SITE', 'HOST', 'DOMAIN'),
    items('main', ['DeleteItem'], 'SITE', 'HOST'),
  ],
  // Routers consume them.
  'entrances:open': [items('short', ['PutItem'], 'ENTRANCE')],
  'summary-links:read': [items('short', ['GetItem'], 'SUMMARY')],
  'summary-links:write': [items('short', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'SUMMARY')],
  // Routers write it.
  'usage:read': [items('short', ['Query'], 'USAGE')],
  // A writer removes the oldest entries of the same site.
  'evidence:erase': [items('short', ['Query', 'DeleteItem'], 'EVIDENCE')],
  'evidence:keep': [items('short', ['Query', 'PutItem', 'DeleteItem'], 'EVIDENCE')],
  'evidence:read': [items('short', ['Query'], 'EVIDENCE')],
  // Checks of idle sites, and the last sweep.
  'idle:check': [
    items('main', ['PutItem', 'DeleteItem'], 'IDLE'),
    itemsBelow('main', ['GetItem', 'PutItem'], 'IDLE-SWEEP'),
  ],
  // Events of leads are below them.
  'leads:change': [items('main', ['GetItem', 'PutItem'], 'LEAD')],
  'leads:read': [items('main', ['GetItem'], 'LEAD')],
  'leads:follow': [items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'LEAD')],
  // A new wait replaces the previous one.
  'jobs:complete': [itemsBelow('short', ['Query', 'DeleteItem'], 'JOBS')],
  'jobs:note': [itemsBelow('short', ['PutItem'], 'JOBS')],
  'quarantine:write': [itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'QUARANTINE')],
  // The counts of cells are stored beside the totals.
  'totals:cells': [itemsBelow('main', ['Query', 'PutItem'], 'TOTALS')],
  'totals:place': [itemsBelow('main', ['Query', 'UpdateItem'], 'TOTALS')],
  'totals:read': [itemsBelow('main', ['Query'], 'TOTALS')],
  'trials:read': [itemsBelow('main', ['Query'], 'TRIAL-CONTROLS')],
  'trials:write': [itemsBelow('main', ['Query', 'PutItem'], 'TRIAL-CONTROLS')],
  'waiting-list:read': [itemsBelow('main', ['Query'], 'WAITING'), items('main', ['GetItem'], 'ACCOUNT')],
  // Each entry is also stored below its account.
  'waiting-list:write': [
    itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'WAITING'),
    items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'ACCOUNT'),
  ],
  // Each site's last count is stored beside the totals.
  'totals:write': [items('main', ['GetItem', 'PutItem'], 'SITE'), itemsBelow('main', ['UpdateItem'], 'TOTALS')],
  // Deliveries in the main table, their log in the short one.
  'webhooks:manage': [
    itemsBelow('main', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'WEBHOOKS'),
    items('main', ['PutItem'], 'WEBHOOK'),
    items('short', ['GetItem', 'Query'], 'WEBHOOK'),
  ],
  'webhooks:send': [
    itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'WEBHOOKS'),
    items('main', ['PutItem', 'DeleteItem'], 'WEBHOOK'),
    items('short', ['Query', 'PutItem'], 'WEBHOOK'),
  ],
  'brake:read': [itemsBelow('main', ['GetItem'], 'BRAKE')],
  'blueprints:read': [items('main', ['GetItem', 'Query'], 'BLUEPRINT')],
  'blueprints:write': [items('main', ['GetItem', 'PutItem'], 'BLUEPRINT')],
  // Which messages were sent or dropped.
  'mail:find': [items('short', ['GetItem'], 'MAIL')],
  'mail:send': [items('short', ['GetItem', 'PutItem'], 'MAIL')],
  'readings:read': [items('main', ['GetItem'], 'SITE')],
  'rate-windows:read': [items('short', ['GetItem'], 'WINDOW')],
  'rate-windows:write': [items('short', ['UpdateItem'], 'WINDOW')],
  // The port of each site of a cell.
  'runtime:read': [items('main', ['GetItem', 'Query'], 'PORTS')],
  'runtime:observe': [items('main', ['GetItem'], 'PORTS')],
  'runtime:run': [items('main', ['GetItem', 'Query', 'PutItem'], 'PORTS')],
  'runtime:start': [items('main', ['GetItem', 'Query', 'PutItem'], 'PORTS')],
  'runtime:remove': [items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'PORTS')],
  'runtime:stop': [items('main', ['GetItem', 'PutItem'], 'PORTS')],
  // The ids of access points are stored beside the ports.
  'storage:prepare': [items('main', ['GetItem', 'PutItem'], 'PORTS')],
  // The file system of the cell is, too. A job on the data of a dormant site makes its access point again.
  'archiver:run': [items('main', ['GetItem', 'PutItem'], 'PORTS')],
  'storage:measure': [items('main', ['GetItem'], 'PORTS')],
  'storage:remove': [items('main', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'PORTS')],
  'sessions:read': [items('short', ['GetItem'], 'SESSION')],
  // With the sign-in or the end of the session.
  'sessions:write': [
    items('short', ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'], 'SESSION'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ],
  // Functions for owners have no permission on them.
  'operators:verify': [items('short', ['GetItem'], 'OPERATOR-SESSION')],
  // The audit log names operators by the addresses of their sessions.
  'operator-sessions:use': [items('short', ['UpdateItem', 'Query'], 'OPERATOR-SESSION')],
  // With the sign-in.
  'operators:sign-in': [
    items('short', ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'], 'OPERATOR-SESSION'),
    itemsBelow('audit', ['PutItem'], 'AUDIT'),
  ],
  'signup-mails:send': [items('short', ['GetItem', 'Query', 'DeleteItem'], 'SIGNUP')],
  'signups:write': [
    items('short', ['GetItem', 'PutItem', 'UpdateItem'], 'SIGNUP'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ],
  // A site's events are stored below it.
  // The events of a site are below it.
  'sites:history': [items('main', ['Query'], 'SITE')],
  'sites:read': [items('main', ['GetItem'], 'SITE', 'HOST'), items('main', ['Query'], 'SITE')],
  'sites:write': [
    items('main', ['GetItem'], 'SITE'),
    // The account's trial, which a failed build gives back.
    items('main', ['PutItem'], 'SITE', 'HOST', 'ACCOUNT'),
    items('main', ['DeleteItem'], 'ACCOUNT'),
    // Hostnames of erased accounts, and whether an account is closed.
    items('main', ['ConditionCheckItem'], 'HOST', 'ACCOUNT'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ],
} satisfies Readonly<Partial<Record<Capability, readonly ItemGrant[]>>>
