import type { HttpClient } from './http-client.ts'
import { createHttpClient } from './http-client.ts'

/** Settings of the client for another server than Stripe's, which may answer below a path of its own. */
export interface ApiAddress {
  readonly host: string
  readonly port: string
  readonly protocol: 'http' | 'https'
  readonly httpClient: HttpClient
}

const portOf = ({ port, protocol }: URL): string => {
  if (port !== '') return port
  return protocol === 'http:' ? '80' : '443'
}

/**
 * @param base of an API that speaks Stripe's, without `/v1`, such as `http://localhost:4000/_local/stripe`.
 * @throws {Error} where it is no address of a server.
 */
export const apiAddress = (base: string): ApiAddress => {
  const url = URL.canParse(base) ? new URL(base) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.username !== '') {
    throw new Error(
      'The address of Stripe’s API has to be http:// or https:// with a host, and a path where it has one.',
    )
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: portOf(url),
    protocol: url.protocol === 'http:' ? 'http' : 'https',
    httpClient: createHttpClient(url.pathname.replace(/\/+$/, '')),
  }
}
