import type { Stripe } from 'stripe'
import type { Log } from '../../core/ports/context.ts'
import type { Asking } from './stripe-errors.ts'

/** What every part of the adapter works with. */
export interface StripeWorld {
  readonly stripe: Stripe
  /** Whose things are ours: the name of this installation, in the metadata of all that we make. */
  readonly installation: string
  readonly asking: Asking
  readonly log: Log
}
