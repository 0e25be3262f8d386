import * as z from 'zod'
import { invalidRequest, noSuch } from '../fault.ts'
import type { ObjectList } from '../objects.ts'
import type { World } from '../world.ts'
import type { Form, FormValue } from './form.ts'

export const text = z.string().min(1).max(5000)

export const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

export const whole = z
  .string()
  .regex(/^-?\d{1,15}$/, 'must be an integer')
  .transform(Number)

/** An empty text removes all of it, an empty value one entry. */
export const metadataParameter = z.union([
  z.literal(''),
  z.record(z.string().max(40, 'has a key of more than 40 characters'), z.string().max(500)),
])

/** Metadata after a change. */
export const mergeMetadata = (
  before: Readonly<Record<string, string>>,
  change: z.output<typeof metadataParameter> | undefined,
): Record<string, string> => {
  if (change === '') return {}
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''))
}

const nameOf = (path: readonly PropertyKey[]): string =>
  path.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('')

const valueAt = (form: FormValue | undefined, [first, ...rest]: readonly PropertyKey[]): FormValue | undefined => {
  if (first === undefined || form === undefined || typeof form === 'string') return form
  return valueAt(Array.isArray(form) ? form[Number(first)] : form[String(first)], rest)
}

/** @throws {StripeFault} for the first parameter that is wrong, in Stripe's words. */
const readParameters = <Schema extends z.ZodType>(schema: Schema, form: Form): z.output<Schema> => {
  const read = schema.safeParse(form)
  if (read.success) return read.data
  const [issue] = read.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const param = nameOf([...issue.path, issue.keys[0] ?? ''])
    throw invalidRequest(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param })
  }
  const param = nameOf(issue?.path ?? [])
  if (valueAt(form, issue?.path ?? []) === undefined) {
    throw invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  }
  throw invalidRequest(`Invalid ${param}: ${issue?.message ?? 'not understood'}`, { param })
}

/** One operation of the API. */
export interface ApiEndpoint {
  readonly method: 'DELETE' | 'GET' | 'POST'
  readonly pattern: RegExp
  /**
   * Checks the parameters.
   * @returns what executes the operation; its answer is not expanded yet.
   * @throws {StripeFault} before anything is executed.
   */
  readonly prepare: (form: Form) => (world: World, id: string) => object
}

type ParametersOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape, z.core.$strict>>

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(':id', '(?<id>[^/]+)')}$`)

/**
 * @param path with `:id` in place of an id, such as `/v1/customers/:id`.
 * @param shape the parameters besides `expand`, which every operation takes. Others are refused.
 */
export const endpoint = <Shape extends z.ZodRawShape>(
  method: ApiEndpoint['method'],
  path: string,
  shape: Shape,
  answer: (world: World, id: string, parameters: ParametersOf<Shape>) => object,
): ApiEndpoint => {
  const schema = z.strictObject(shape)
  return {
    method,
    pattern: patternOf(path),
    prepare: ({ expand: _expand, ...form }) => {
      const parameters = readParameters(schema, form)
      return (world, id) => answer(world, id, parameters)
    },
  }
}

const pageSchema = z.object({
  limit: whole.pipe(z.int().min(1, 'must be at least 1').max(100, 'must be at most 100')).default(10),
  starting_after: z.string().optional(),
})

/**
 * An operation that lists records in pages, newest first: https://docs.stripe.com/api/pagination
 * @param what as Stripe calls a record.
 * @param list.find finds all of them, since a cursor may name one that is not wanted any more.
 * @throws {StripeFault} if the cursor names none of them.
 */
export const listEndpoint = <Shape extends z.ZodRawShape, Item extends { readonly id: string }>(
  path: string,
  what: string,
  shape: Shape,
  list: {
    readonly find: (world: World, wanted: ParametersOf<Shape>, id: string) => readonly Item[]
    readonly isWanted?: (item: Item, wanted: ParametersOf<Shape>) => boolean
    readonly show: (item: Item, world: World, id: string) => object
  },
): ApiEndpoint => {
  const schema = z.strictObject(shape)
  return {
    method: 'GET',
    pattern: patternOf(path),
    prepare: (form) => {
      const { limit, starting_after: cursor } = readParameters(pageSchema, form)
      const { expand: _expand, limit: _limit, starting_after: _cursor, ...others } = form
      const wanted = readParameters(schema, others)
      return (world, id): ObjectList<object> => {
        const items = list.find(world, wanted, id)
        const last = items.findIndex((item) => item.id === cursor)
        if (cursor !== undefined && last === -1) throw noSuch(what, cursor, 'starting_after')
        const rest = items.slice(last + 1).filter((item) => list.isWanted?.(item, wanted) ?? true)
        const data = rest.slice(0, limit).map((item) => list.show(item, world, id))
        return { object: 'list', data, has_more: rest.length > limit, url: path.replace(':id', id) }
      }
    },
  }
}

/** Makes the function that finds a record by an id of a request, and throws a {@link StripeFault} if there is none. */
export const finder =
  <Item>(find: (world: World, id: string) => Item | undefined, what: string) =>
  (world: World, id: string, param = 'id'): Item => {
    const item = find(world, id)
    if (item === undefined) throw noSuch(what, id, param)
    return item
  }
