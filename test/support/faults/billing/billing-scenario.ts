import type { Site } from '../../../../core/site/site.ts'
import type { Outcome } from './billing-invariants.ts'
import type { BillingWorld } from './billing-world.ts'
import type { Buyer } from './buyer.ts'

/** Something that owners and Stripe do, to be swept. */
export interface BillingScenario {
  readonly name: string
  /** Without faults: brings about what has to be there before. The buyer may have another session then. */
  readonly prepare?: (world: BillingWorld, buyer: Buyer) => Promise<Buyer>
  /** What the site is by then. */
  readonly from: Site['status']
  readonly run: (world: BillingWorld, buyer: Buyer) => Promise<void>
  readonly outcome: Outcome
  /** Calls that must be among those found, without their number: a sweep that loses them has gone blind. */
  readonly musts: readonly string[]
}
