import type { Instant } from '../../core/instant.ts'

/** What collects payments by the same clock, on a machine that stands in for Stripe. */
export interface PaymentsClock {
  /** Does what is due. */
  readonly act: () => void
  readonly nextWakeUp: (after: Instant) => Instant | undefined
  /** Whether all that it tells has been heard. */
  readonly isDelivered: () => boolean
}

/** The earlier of two instants that may not come. */
export const earlier = (one: Instant | undefined, other: Instant | undefined): Instant | undefined => {
  if (one === undefined || other === undefined) return one ?? other
  return one < other ? one : other
}
