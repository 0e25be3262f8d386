import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'

type Item = Record<string, unknown>

/** Where an entity's own content is: keys and index attributes stay outside of it. */
export const contentAttribute = 'content'

/**
 * A part of an item, or all of it, as its schema says. The error's message names the kind alone, since callers see it; the
 * key is in its cause.
 * @throws {SitewrightError} `Unavailable` where the store holds what this version cannot read.
 */
export const readStored = <Schema extends z.ZodType>(schema: Schema, stored: unknown, item: Item): z.output<Schema> => {
  const result = schema.safeParse(stored)
  if (result.success) return result.data
  throw new SitewrightError(
    'Unavailable',
    `A stored ${String(item['kind'])} was written by another version of Sitewright. Update this one.`,
    { cause: new Error(`${String(item['pk'])} ${String(item['sk'])}`, { cause: result.error }) },
  )
}

/**
 * The entity in an item; undefined where there is no item.
 * @throws {SitewrightError} `Unavailable`.
 */
export const readContent = <Schema extends z.ZodType>(
  schema: Schema,
  item: Item | undefined,
): z.output<Schema> | undefined => (item === undefined ? undefined : readStored(schema, item[contentAttribute], item))
