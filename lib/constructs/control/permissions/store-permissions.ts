import { type ItemGrant, items } from '../../../../adapters/dynamodb/access.ts'
import { tablesOf } from '../../../../adapters/dynamodb/tables.ts'
import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import type { Grant } from './grant.ts'
import type { Surroundings } from './surroundings.ts'

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
  const patternsBy = new Map<string, { table: ItemGrant['table']; action: string; patterns: Set<string> }>()
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

/** The items of the platforms. Those of each capability are in its `access.ts`. */
export const storePermissions = {
  // Which messages were sent or dropped.
  'mail:find': [items('short', ['GetItem'], 'MAIL')],
  'mail:send': [items('short', ['GetItem', 'PutItem'], 'MAIL')],
  'readings:read': [items('main', ['GetItem'], 'SITE')],
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
} satisfies Readonly<Partial<Record<Capability, readonly ItemGrant[]>>>
