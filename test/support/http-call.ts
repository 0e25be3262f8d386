import { request } from 'undici'

export interface Answer {
  readonly status: number
  readonly text: string
  /** The parsed body; undefined if it is not JSON. */
  readonly json: unknown
  /** Milliseconds from the call to the first byte of its answer, including the connection. */
  readonly firstByteMilliseconds: number
  /** The first cookie that it sets, as a browser sends it back. */
  readonly cookie?: string
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  /** Sent as JSON. */
  readonly body?: object
  /** Sent unchanged instead of a JSON body; set its type in the headers. */
  readonly content?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** The origin to connect to, for a hostname that no resolver knows; by default that of the address. */
  readonly via?: string
  /** The timeout: 30 s by default. */
  readonly patienceMilliseconds?: number
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Browsers and curl resolve every name below localhost to this machine. Node asks the resolver, which does not. */
const connectableOrigin = (url: URL): string =>
  url.hostname.endsWith('.localhost') ? `${url.protocol}//127.0.0.1:${url.port || '80'}` : url.origin

/**
 * Makes one HTTP call, with JSON both ways by default. Every status counts as an answer.
 * @throws {Error} without an answer.
 */
export const httpCall = async ({
  method = 'GET',
  url: address,
  body,
  content = body === undefined ? undefined : JSON.stringify(body),
  headers = {},
  via,
  patienceMilliseconds = 30_000,
}: Call): Promise<Answer> => {
  const url = new URL(address)
  const startedAt = performance.now()
  const response = await request(`${connectableOrigin(new URL(via ?? address))}${url.pathname}${url.search}`, {
    method,
    headers: {
      accept: 'application/json',
      // A firewall may refuse requests without a user agent.
      'user-agent': 'sitewright-demo',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      // Undici would send the address of the connection.
      host: url.host,
    },
    body: content ?? null,
    headersTimeout: 0,
    signal: AbortSignal.timeout(patienceMilliseconds),
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new Error(`${url.origin} does not answer: ${reason}`)
  })
  // Undici returns an answer once its head has arrived.
  const firstByteMilliseconds = performance.now() - startedAt
  const text = await response.body.text()
  const [cookie] = [response.headers['set-cookie'] ?? []].flat().map((field) => field.split(';', 1)[0] ?? '')
  return {
    status: response.statusCode,
    text,
    json: parseJson(text),
    firstByteMilliseconds,
    ...(cookie === undefined ? {} : { cookie }),
  }
}
