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

export const items = (
  table: ItemGrant['table'],
  actions: readonly Action[],
  ...prefixes: readonly string[]
): ItemGrant => ({
  table,
  actions,
  prefixes,
})

/** Of what is kept below one partition key. */
export const itemsBelow = (table: ItemGrant['table'], actions: readonly Action[], key: string): ItemGrant => ({
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
