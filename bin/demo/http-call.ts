import { request } from 'undici'

export interface Answer {
  readonly status: number
  readonly text: string
  /** The parsed body; undefined where it is not JSON. */
  readonly json: unknown
  /** Milliseconds from the call to the first byte of its answer, opening a connection included. */
  readonly firstByteMilliseconds: number
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  /** Sent as JSON. */
  readonly body?: object
  /** Sent as it is, in place of a body; say its type in the headers. */
  readonly content?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** The origin to connect to, for a hostname that no resolver knows; what the address leads to unless told. */
  readonly via?: string
  /** How long it may take: 30 s unless told. */
  readonly patienceMilliseconds?: number
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Browsers and curl know that every name below localhost is this machine. Node asks the resolver, which does not. */
const connectableOrigin = (url: URL): string =>
  url.hostname.endsWith('.localhost') ? `${url.protocol}//127.0.0.1:${url.port || '80'}` : url.origin

/**
 * One HTTP call, with JSON both ways unless told. Whatever status it has is an answer.
 * @throws {Error} where there is no answer.
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
      // A firewall may refuse whoever does not say what they are.
      'user-agent': 'sitewright-demo',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      // Undici would send the address that it connects to.
      host: url.host,
    },
    body: content ?? null,
    headersTimeout: 0,
    signal: AbortSignal.timeout(patienceMilliseconds),
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new Error(`${url.origin} does not answer: ${reason}`)
  })
  // Undici hands an answer over once its head is there.
  const firstByteMilliseconds = performance.now() - startedAt
  const text = await response.body.text()
  return { status: response.statusCode, text, json: parseJson(text), firstByteMilliseconds }
}
