import type { BillingWorld } from '../billing/billing-world.ts'
import type { Buyer } from '../billing/buyer.ts'
import type { DomainOutcome } from './domain-invariants.ts'
import type { EdgeHere } from './edge-here.ts'

/** Sites, what pays for them, and whatever their owners' own hostnames lead through. */
export interface DomainWorld extends BillingWorld {
  readonly edge: EdgeHere
}

/** Owners of sites: the first one signs up by herself. */
export type Owners = readonly [Buyer, ...Buyer[]]

/** Something that happens to hostnames of owners' own, to be swept. */
export interface DomainScenario {
  readonly name: string
  /** Without faults: brings about what has to be there before. There may be more owners then. */
  readonly prepare?: (world: DomainWorld, owner: Buyer) => Promise<Owners>
  readonly run: (world: DomainWorld, owners: Owners) => Promise<void>
  readonly outcome: DomainOutcome
  /** Calls that must be among those found, without their number: a sweep that loses them has gone blind. */
  readonly musts: readonly string[]
}
