import type { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'

interface Stored {
  readonly id: string
  readonly created: number
}

/** What is to be different; a member that is undefined stays as it is. */
export type Change<Item> = { readonly [Name in keyof Item]?: Item[Name] | undefined }

const sent = (change: object) => Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

/** Records of one kind. */
export interface Collection<Item> {
  readonly get: (id: string) => Item | undefined
  readonly put: (item: Item) => Item
  /** @throws {Error} where there is none. */
  readonly change: (id: string, change: Change<Item>) => Item
  /** Newest first; of one customer where one is named. */
  readonly list: (customer?: string | null) => readonly Item[]
}

const rowSchema = z.object({ body: z.string() })

/**
 * The records of one kind in the database.
 * @param options.due when time does something to a record; undefined where it does nothing.
 * @param options.customerOf whom it belongs to.
 */
export const collectionOf = <Item extends Stored>(
  database: DatabaseSync,
  kind: string,
  options: {
    readonly schema: z.ZodType<Item>
    readonly due?: (item: Item) => number | undefined
    readonly customerOf?: (item: Item) => string | null
  },
): Collection<Item> => {
  const { schema, due = () => undefined, customerOf = () => null } = options
  const read = database.prepare('SELECT body FROM records WHERE id = ? AND kind = ?')
  const readAll = database.prepare('SELECT body FROM records WHERE kind = ? ORDER BY seq DESC')
  const readOfCustomer = database.prepare('SELECT body FROM records WHERE customer = ? AND kind = ? ORDER BY seq DESC')
  const write = database.prepare(`
    INSERT INTO records (kind, id, customer, due, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, due = excluded.due, body = excluded.body
  `)
  const parse = (row: unknown): Item => schema.parse(JSON.parse(rowSchema.parse(row).body))

  const get = (id: string): Item | undefined => {
    const row = read.get(id, kind)
    return row === undefined ? undefined : parse(row)
  }
  const put = (item: Item): Item => {
    write.run(kind, item.id, customerOf(item), due(item) ?? null, JSON.stringify(item))
    return item
  }
  return {
    get,
    put,
    change: (id, change) => {
      const item = get(id)
      if (item === undefined) throw new Error(`the stand-in for Stripe has no ${kind} ${id}`)
      return put({ ...item, ...sent(change) })
    },
    list: (customer) =>
      (typeof customer === 'string' ? readOfCustomer.all(customer, kind) : readAll.all(kind)).map(parse),
  }
}
