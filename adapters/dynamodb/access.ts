import type { SiteWriting } from './site-commit.ts'
import type { indexes, Tables } from './tables.ts'

type Action = 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'ConditionCheckItem'

/** Access to items whose partition keys begin with a prefix. */
export interface ItemGrant {
  readonly table: keyof Tables
  readonly actions: readonly Action[]
  readonly prefixes: readonly string[]
  /** Whole partition keys of single items. */
  readonly keys?: readonly string[]
}

/** Queries of indexes of the main table. */
export interface IndexGrant {
  readonly indexes: readonly (keyof typeof indexes)[]
  /** The beginnings of the partition keys; undefined for all. */
  readonly prefixes?: readonly string[]
}

export const items = (
  table: ItemGrant['table'],
  actions: readonly Action[],
  ...prefixes: readonly string[]
): ItemGrant => ({ table, actions, prefixes })

/** Items below one partition key. */
export const itemsBelow = (table: ItemGrant['table'], actions: readonly Action[], key: string): ItemGrant => ({
  table,
  actions,
  prefixes: [],
  keys: [key],
})

/** What stores are opened with. */
export type Writing = SiteWriting

/** Loads a store and opens it. */
export type OpenPort<Port> = (writing: Writing) => Promise<Port>

/**
 * What one name in `uses` gives a function of the tables. IAM statements, wiring and types of ports follow from it.
 * A function that writes may also read, to check a write whose reply was lost.
 */
export interface TableAccess {
  readonly ports: Readonly<Record<string, OpenPort<object>>>
  readonly items: readonly ItemGrant[]
  readonly queries?: readonly IndexGrant[]
}

/** By the names in `uses`. */
export type TableAccesses = Readonly<Record<string, TableAccess>>

export type PortsIn<All extends TableAccesses> = {
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
