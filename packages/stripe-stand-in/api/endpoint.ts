import * as z from 'zod'
import type { World } from '../world.ts'
import { readParameters } from './parameters.ts'
import type { Form } from './read-form.ts'

/** One operation of the API. */
export interface ApiEndpoint {
  readonly method: 'DELETE' | 'GET' | 'POST'
  readonly pattern: RegExp
  /** What is answered, still without what is to be expanded. */
  readonly answer: (world: World, id: string, form: Form) => object
}

/**
 * @param path with `:id` where an id is, such as `/v1/customers/:id`.
 * @param shape of the parameters besides `expand`, which every operation takes.
 */
export const endpoint = <Shape extends z.ZodRawShape>(
  method: ApiEndpoint['method'],
  path: string,
  shape: Shape,
  answer: (world: World, id: string, parameters: z.output<z.ZodObject<Shape, z.core.$strict>>) => object,
): ApiEndpoint => {
  const schema = z.strictObject(shape)
  return {
    method,
    pattern: new RegExp(`^${path.replace(':id', '(?<id>[^/]+)')}$`),
    answer: (world, id, { expand: _expand, ...form }) => answer(world, id, readParameters(schema, form)),
  }
}
