import type { SiteWriting } from './site-store.ts'
import type { indexes, Tables } from './tables.ts'

type Action = 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'ConditionCheckItem'

/** Access to items whose partition keys begin with a prefix. */
export interface ItemGrant {
  readonly table: keyof Tables
  readonly actions: readonly Action[]
  readonly prefixes: readonly string[]
  /** Whole partition keys of single items, or patterns of IAM for them. */
  readonly keys?: readonly string[]
}

/** Queries of indexes of the main table, of partition keys that begin with a prefix; of all where there is none. */
export interface IndexGrant {
  readonly indexes: readonly (keyof typeof indexes)[]
  readonly prefixes: readonly string[]
}

export const items = (
  table: ItemGrant['table'],
  actions: readonly Action[],
  ...prefixes: readonly string[]
): ItemGrant => ({ table, actions, prefixes })

export const itemsBelow = (table: ItemGrant['table'], actions: readonly Action[], key: string): ItemGrant => ({
  table,
  actions,
  prefixes: [],
  keys: [key],
})

export const query = (queried: IndexGrant['indexes'], ...prefixes: readonly string[]): IndexGrant => ({
  indexes: queried,
  prefixes,
})

/** What stores are opened with. */
export type Writing = SiteWriting

export type OpenPort<Port> = (writing: Writing) => Promise<Port>

/**
 * What one name in `uses` gives a function of the tables. IAM statements, wiring and types of ports follow from it.
 * A function that writes may also read, to check a write whose reply was lost.
 */
export interface TableAccess {
  readonly ports: Readonly<Record<string, OpenPort<object>>>
  readonly grants: readonly (ItemGrant | IndexGrant)[]
}

export const gives = <const Ports extends TableAccess['ports']>(ports: Ports, ...grants: TableAccess['grants']) => ({
  ports,
  grants,
})

/** The ports of some accesses, by their names in `uses`. */
export type PortsIn<All extends Readonly<Record<string, TableAccess>>> = {
  readonly [Name in keyof All]: {
    readonly [Port in keyof All[Name]['ports']]: Awaited<ReturnType<All[Name]['ports'][Port]>>
  }
}

/** Opens some methods of a store. */
export const only =
  <Port extends object, const Name extends keyof Port>(
    open: OpenPort<Port>,
    ...names: readonly Name[]
  ): OpenPort<Pick<Port, Name>> =>
  async (writing) => {
    const port = await open(writing)
    return Object.assign({}, ...names.map((name) => ({ [name]: port[name] })))
  }

/** Opens the ports of some accesses. A port that several of them have in part gets the methods of all. */
export const openAccesses = async (
  accesses: Iterable<TableAccess>,
  writing: Writing,
): Promise<Readonly<Record<string, object>>> => {
  const ports: Record<string, object> = {}
  for (const access of accesses) {
    for (const [name, open] of Object.entries(access.ports)) ports[name] = { ...ports[name], ...(await open(writing)) }
  }
  return ports
}
