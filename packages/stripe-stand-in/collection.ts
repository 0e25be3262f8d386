import * as z from 'zod'
import type { World } from './world.ts'

/** Seconds since 1970, by the domain clock. */
export const seconds = z.int()

/** Integer minor units; a credit is negative. */
export const amount = z.int()

/** ISO 4217 in lower case, as Stripe writes it. */
export const currency = z.string().regex(/^[a-z]{3}$/)

export const metadata = z.record(z.string(), z.string())

/** What every record begins with. */
export const record = { id: z.string(), created: seconds }

/** The members to change; one that is undefined stays as it is. */
type Change<Item> = { readonly [Name in keyof Item]?: Item[Name] | undefined }

type In = Pick<World, 'store'>

/**
 * Makes the collection of one kind of records. `list` finds those of a customer by their member `customer`.
 * @param due the second at which time does something to a record; undefined if never.
 */
export const collection = <
  Item extends { readonly id: string; readonly created: number; readonly customer?: string | null },
  Given,
>(
  kind: string,
  schema: z.ZodType<Item, Given>,
  due: (item: Item) => number | undefined = () => undefined,
) => {
  const perhaps = schema.optional()
  const get = ({ store }: In, id: string): Item | undefined => perhaps.parse(store.get(kind, id))
  const put = ({ store }: In, item: Item): Item => {
    store.put({ kind, id: item.id, customer: item.customer ?? null, due: due(item) ?? null, item })
    return item
  }
  /** @throws {Error} if there is none: a record holds the id. */
  const require = (world: In, id: string): Item => {
    const item = get(world, id)
    if (item === undefined) throw new Error(`the stand-in for Stripe has no ${kind} ${id}`)
    return item
  }
  return {
    kind,
    get,
    put,
    require,
    /** Stores a new record under an id that begins with the prefix. */
    create: (world: World, prefix: string, given: Omit<Given, keyof typeof record>): Item =>
      put(world, schema.parse({ ...given, id: world.newId(prefix), created: world.now })),
    change: (world: In, id: string, change: Change<Item>): Item => {
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      return put(world, { ...require(world, id), ...given })
    },
    /** Newest first; those of one customer if one is named. */
    list: ({ store }: In, customer?: string): readonly Item[] =>
      store.list(kind, customer).map((item) => schema.parse(item)),
  }
}
