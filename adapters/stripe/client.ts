import { Stripe } from 'stripe'
import { createPace, type Pace, StripeOnPause } from './pace.ts'

export type StripeMode = 'test' | 'live'

/** @param key `sk_…` or, restricted, `rk_…`. Never in a message. @throws {Error} for any other, such as a publishable key. */
export const modeOfKey = (key: string): StripeMode => {
  const mode = /^(?:sk|rk)_(test|live)_[0-9A-Za-z_]+$/.exec(key)?.[1]
  if (mode === 'test' || mode === 'live') return mode
  throw new Error('Stripe’s secret key has to start with sk_test_, rk_test_, sk_live_ or rk_live_.')
}

/**
 * The version of the API that the client's types are made for. A newer client does not compile against this line, so that
 * nobody changes the version without reading what changed.
 */
export const apiVersion = '2026-10-28.endive'

/** Together with one retry below what API Gateway waits for an answer, thirty seconds. */
const timeoutMilliseconds = 10_000

export interface StripeSettings {
  readonly secretKey: string
  /** The address of another server that speaks Stripe's API. */
  readonly apiBase?: string | undefined
  /** For one answer, in milliseconds. */
  readonly timeoutMilliseconds?: number
  readonly pace?: Pace
}

/** @throws {Error} where key or address cannot be right; neither is in the message. */
export const createStripeClient = (settings: StripeSettings): Stripe => {
  modeOfKey(settings.secretKey)
  const { apiBase, pace = createPace() } = settings
  return new Stripe(settings.secretKey, {
    apiVersion,
    timeout: settings.timeoutMilliseconds ?? timeoutMilliseconds,
    // Every request goes through `Pace`, which retries.
    maxNetworkRetries: 0,
    telemetry: false,
    appInfo: { name: 'sitewright' },
    ...(apiBase === undefined ? { httpClient: createHttpClient('', pace) } : apiAddress(apiBase, pace)),
  })
}

export type HttpClient = NonNullable<Stripe.StripeConfig['httpClient']>
type HttpResponse = Awaited<ReturnType<HttpClient['makeRequest']>>

/**
 * Refuses JSON that is no answer of Stripe, as from a proxy. Every object of Stripe says in `object` what it is, and the client
 * does not expect anything else: JSON that is no object would end the process.
 */
const withObject = (response: HttpResponse): HttpResponse => ({
  getStatusCode: () => response.getStatusCode(),
  getHeaders: () => response.getHeaders(),
  getRawResponse: () => response.getRawResponse(),
  toStream: (whenComplete) => response.toStream(whenComplete),
  dispose: () => response.dispose?.(),
  toJSON: async () => {
    const body: unknown = await response.toJSON()
    if (typeof body !== 'object' || body === null) throw new Error('the answer is no JSON object')
    if (!('object' in body) && !('error' in body)) throw new Error("the answer is no object of Stripe's")
    return body
  },
})

/** Without its code: the client retries some codes by itself. */
const withoutCode = (error: unknown): Error =>
  error instanceof StripeOnPause ? error : new Error(error instanceof Error ? error.message : String(error))

/**
 * The client's own, asking below another path, for which it has no setting.
 * @param path without a slash at its end; empty for Stripe itself.
 */
const createHttpClient = (path: string, pace: Pace): HttpClient => {
  const client = Stripe.createNodeHttpClient()
  return {
    getClientName: () => client.getClientName(),
    makeRequest: async (host, port, asked, method, ...rest) => {
      const send = () => client.makeRequest(host, port, `${path}${asked}`, method, ...rest)
      try {
        return withObject(await pace.run(method, send))
      } catch (error) {
        throw withoutCode(error)
      }
    },
  }
}

/**
 * Settings of the client for another server than Stripe's, which may answer below a path of its own.
 * @param base of an API that speaks Stripe's, without `/v1`, such as `http://localhost:4000/_local/stripe`.
 * @throws {Error} where it is no address of a server.
 */
export const apiAddress = (base: string, pace: Pace) => {
  const url = URL.canParse(base) ? new URL(base) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.username !== '') {
    throw new Error(
      'The address of Stripe’s API has to be http:// or https:// with a host, and a path where it has one.',
    )
  }
  const isPlain = url.protocol === 'http:'
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (isPlain ? '80' : '443'),
    protocol: isPlain ? ('http' as const) : ('https' as const),
    httpClient: createHttpClient(url.pathname.replace(/\/+$/, ''), pace),
  }
}
