import type { Grant } from './grant.ts'
import type { Place } from './place.ts'

type Action = 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem'

/** Access to items whose partition keys begin so; see adapters/dynamodb/keys.ts. */
export interface ItemGrant {
  readonly table: 'main' | 'short'
  readonly actions: readonly Action[]
  readonly prefixes: readonly string[]
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

/**
 * One statement for each table and action with all its prefixes: a transaction may be judged item by item, or by all the
 * keys that it puts into a table at once, and this allows what is needed either way. Nothing here scans, so there always is
 * a partition key to judge by.
 */
export const itemGrants = (
  { names, arn }: Pick<Place, 'names' | 'arn'>,
  grants: readonly ItemGrant[],
): readonly Grant[] => {
  const tables = { main: names.tables, short: `${names.tables}-short` }
  const prefixesBy = new Map<string, { table: ItemGrant['table']; action: Action; prefixes: Set<string> }>()
  for (const { table, actions, prefixes } of grants) {
    for (const action of actions) {
      const entry = prefixesBy.get(`${table} ${action}`) ?? { table, action, prefixes: new Set() }
      for (const prefix of prefixes) entry.prefixes.add(`${prefix}#*`)
      prefixesBy.set(`${table} ${action}`, entry)
    }
  }
  return [...prefixesBy.values()].map(({ table, action, prefixes }) => ({
    actions: [`dynamodb:${action}`],
    resources: [arn('dynamodb', `table/${tables[table]}`)],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...prefixes].toSorted() } },
  }))
}
