import * as z from 'zod'

/** A site names in this field of its answers what happened in it. Visitors do not get the field. */
export const productEventHeader = 'sitewright-event'

/** How many names a blueprint may declare: each is an attribute of the items of usage. */
export const maxProductEvents = 20
/** More in one answer are dropped. */
const maxEventsInAnswer = 10

export const productEventSchema = z
  .string()
  .regex(/^[a-z][a-z0-9.-]{0,49}$/, 'must be lower-case letters, digits, dots and hyphens, such as course.created')

/** How often each event happened, by its name. */
export type ProductEvents = ReadonlyMap<string, number>

export const addProductEvents = (left: ProductEvents, right: ProductEvents): ProductEvents => {
  const sum = new Map(left)
  for (const [name, count] of right) sum.set(name, (sum.get(name) ?? 0) + count)
  return sum
}

export const eventNamesIn = (fields: readonly string[]): readonly string[] =>
  fields
    .join(',')
    .split(',', maxEventsInAnswer)
    .map((name) => name.trim())
