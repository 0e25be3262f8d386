import type { Endpoint } from '../site/endpoint.ts'

/** What routers still carry. */
export interface OpenRequests {
  /** How many requests are under way to a place, upgraded connections left out; undefined where nobody here can tell. */
  readonly at: (endpoint: Endpoint) => Promise<number | undefined>
}
