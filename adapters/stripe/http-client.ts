import { Stripe } from 'stripe'

export type HttpClient = NonNullable<Stripe.StripeConfig['httpClient']>
type HttpResponse = Awaited<ReturnType<HttpClient['makeRequest']>>

/** JSON that is no object, as from something between us and Stripe, would end the process: the client does not expect it. */
const withObject = (response: HttpResponse): HttpResponse => ({
  getStatusCode: () => response.getStatusCode(),
  getHeaders: () => response.getHeaders(),
  getRawResponse: () => response.getRawResponse(),
  toStream: (whenComplete) => response.toStream(whenComplete),
  dispose: () => response.dispose?.(),
  toJSON: async () => {
    const body: unknown = await response.toJSON()
    if (typeof body !== 'object' || body === null) throw new Error('the answer is no JSON object')
    return body
  },
})

/**
 * The client's own, which asks below another path, for which it has no setting.
 * @param path without a slash at its end; empty for Stripe itself.
 */
export const createHttpClient = (path: string): HttpClient => {
  const client = Stripe.createNodeHttpClient()
  return {
    getClientName: () => client.getClientName(),
    makeRequest: async (host, port, asked, ...rest) =>
      withObject(await client.makeRequest(host, port, `${path}${asked}`, ...rest)),
  }
}
