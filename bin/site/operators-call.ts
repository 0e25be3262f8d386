import * as z from 'zod'
import { httpCall } from '../command-line/http-call.ts'

const problemSchema = z.object({
  detail: z.string().optional(),
  title: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

/** Calls an operation of operators. @throws {Error} with the API's words if it refuses. */
export type CallOperation = <Schema extends z.ZodType>(
  path: string,
  answer: Schema,
  body?: object,
) => Promise<z.output<Schema>>

export const operatorsCall =
  (url: string, token: string): CallOperation =>
  async (path, schema, body) => {
    const { status, json } = await httpCall({
      method: body === undefined ? 'GET' : 'POST',
      url: `${url}/v1/operator/${path}`,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body }),
    })
    if (status < 300) return schema.parse(json)
    const {
      title,
      detail,
      errors = [],
    } = problemSchema.safeParse(json).data ?? { title: `The API answered ${status}.` }
    const said = detail ?? title
    const others = errors.filter(({ message }) => !said.includes(message))
    throw new Error([said, ...others.map(({ path: field, message }) => `  ${field} ${message}`)].join('\n'))
  }
