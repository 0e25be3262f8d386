import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  /** What the groups of the route's pattern caught, percent-encoded as it came. */
  readonly caught: readonly string[]
}

/** @throws {Problem} which becomes the answer. */
export type Answer = (exchange: Exchange) => Promise<void> | void

/** What is at the addresses whose whole path the pattern matches, by method. GET answers HEAD too. */
export interface Route {
  readonly pattern: RegExp
  readonly methods: Readonly<Record<string, Answer>>
}
