import type { z } from 'zod'
import { SitewrightError } from '../../core/errors.ts'

/** Where an entity's own content is: keys and index attributes stay outside of it. */
export const contentAttribute = 'content'

/**
 * The entity in an item.
 * @throws {Error} where it does not fit the schema: the store holds what this version cannot read.
 */
export const readContent = <Schema extends z.ZodType>(
  schema: Schema,
  item: Record<string, unknown> | undefined,
): z.output<Schema> | undefined => {
  if (item === undefined) return undefined
  const result = schema.safeParse(item[contentAttribute])
  if (result.success) return result.data
  throw new SitewrightError('Unavailable', `The stored item ${String(item['pk'])} cannot be read by this version.`, {
    cause: result.error,
  })
}
