import * as z from 'zod'
import type { World } from './world.ts'

/** Seconds since 1970, by the domain clock. */
export const seconds = z.int()

/** Integer minor units; a credit is negative. */
export const amount = z.int()

/** ISO 4217 in lower case, as Stripe writes it. */
export const currency = z.string().regex(/^[a-z]{3}$/)

export const metadata = z.record(z.string(), z.string())

/** The members to change; one that is undefined stays as it is. */
type Change<Item> = { readonly [Name in keyof Item]?: Item[Name] | undefined }

type In = Pick<World, 'store'>

/**
 * Makes the collection of one kind of records.
 * @param options.due the second at which time does something to a record; undefined if never.
 * @param options.customerOf the customer that `list` finds it by.
 */
export const collection = <Item extends { readonly id: string; readonly created: number }>(
  kind: string,
  options: {
    readonly schema: z.ZodType<Item>
    readonly due?: (item: Item) => number | undefined
    readonly customerOf?: (item: Item) => string | null
  },
) => {
  const { schema, due = () => undefined, customerOf = () => null } = options
  const perhaps = schema.optional()
  const get = ({ store }: In, id: string): Item | undefined => perhaps.parse(store.get(kind, id))
  const put = ({ store }: In, item: Item): Item => {
    store.put({ kind, id: item.id, customer: customerOf(item), due: due(item) ?? null, item })
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
    change: (world: In, id: string, change: Change<Item>): Item => {
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      return put(world, { ...require(world, id), ...given })
    },
    /** Newest first; those of one customer if one is named. */
    list: ({ store }: In, customer?: string): readonly Item[] =>
      store.list(kind, customer).map((item) => schema.parse(item)),
  }
}
