import { request } from 'undici'
import * as z from 'zod'
import { jsonOf } from '../../core/json.ts'

/** Browsers and curl resolve every name below localhost to this machine. Node asks the resolver, which does not. */
const connectableOrigin = ({ hostname, protocol, port, origin }: URL): string =>
  hostname.endsWith('.localhost') ? `${protocol}//127.0.0.1:${port || '80'}` : origin

/**
 * Calls a host: a GET, or a POST if there is a body. Every status counts as an answer.
 * @returns the status and the parsed body, which is undefined if it is not JSON.
 * @throws {Error} without an answer within 30 s.
 */
export const callHost = async (
  path: string,
  base: string,
  { body, headers = {} }: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> },
): Promise<{ readonly status: number; readonly json: unknown }> => {
  const url = new URL(path, base)
  const { statusCode: status, body: answer } = await request(`${connectableOrigin(url)}${url.pathname}${url.search}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      // A firewall may refuse requests without a user agent.
      'user-agent': 'sitewright',
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
      // Undici would send the address of the connection.
      host: url.host,
    },
    body: body === undefined ? null : JSON.stringify(body),
    headersTimeout: 0,
    signal: AbortSignal.timeout(30_000),
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new Error(`${url.origin} does not answer: ${reason}`)
  })
  return { status, json: jsonOf(await answer.text()) }
}

const problemSchema = z.object({
  detail: z.string().optional(),
  title: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

/** The API refused a request, so it changed nothing. */
export class Refused extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

const tokenAdvice = 'Get another token and repeat the command. Operations that have begun continue.'

/** Calls an operation of operators. @throws {Refused} with the API's words. @throws {Error} if it fails, or does not answer: then it may have done what was asked. */
export type CallOperation = <Schema extends z.ZodType>(
  path: string,
  answer: Schema,
  body?: object,
) => Promise<z.output<Schema>>

export const operatorsCall =
  (url: string, token: string): CallOperation =>
  async (path, schema, body) => {
    const headers = { authorization: `Bearer ${token}` }
    const { status, json } = await callHost(`/v1/operator/${path}`, url, { headers, ...(body && { body }) })
    if (status < 300) return schema.parse(json)
    const problem = problemSchema.safeParse(json).data
    const said = problem?.detail ?? problem?.title ?? `The API answered ${status}.`
    const others = (problem?.errors ?? []).filter(({ message }) => !said.includes(message))
    const lines = [
      said,
      ...others.map((one) => `  ${one.path} ${one.message}`),
      ...(status === 401 ? [tokenAdvice] : []),
    ]
    throw status < 500 ? new Refused(lines.join('\n'), status) : new Error(lines.join('\n'))
  }
