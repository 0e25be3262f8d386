import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'

/**
 * Validates and converts the input by the schema.
 * @param place the part of the request, for the message.
 * @throws {SitewrightError} `InvalidRequest` with every problem found.
 */
export const parseInput = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: 'body' | 'params' | 'query' | 'headers',
): z.output<Schema> => {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const fields = result.error.issues.flatMap((issue) => {
    const path = issue.path.join('.')
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not known here' }))
    }
    return [{ path, message: issue.message }]
  })
  const [{ path, message } = { path: '', message: 'unknown problem' }] = fields
  const where = `The request's ${place}`
  throw new SitewrightError('InvalidRequest', `${where} is not valid: ${path && `${path}: `}${message}.`, { fields })
}
