import * as z from 'zod'
import { httpCall } from './http-call.ts'

const problemSchema = z.object({
  detail: z.string().optional(),
  title: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

/** The API refused a request, so it changed nothing. */
export class Refused extends Error {}

/** Calls an operation of operators. @throws {Refused} with the API's words. @throws {Error} if it fails, or does not answer: then it may have done what was asked. */
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
      url: new URL(`/v1/operator/${path}`, url).href,
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
    const message = [said, ...others.map((one) => `  ${one.path} ${one.message}`)].join('\n')
    throw status < 500 ? new Refused(message) : new Error(message)
  }
