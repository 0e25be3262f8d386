import type { Instant } from '../instant.ts'

/** Tells the present instant. */
export type Clock = () => Instant

/**
 * Two clocks. The domain clock rules deadlines and may be turned on one machine; the wall clock rules signatures, tokens,
 * codes, sessions and rate windows, and is never turned.
 */
export interface Clocks {
  readonly domain: Clock
  readonly wall: Clock
}
