import type { BrakeStore } from '../ports/brake.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { SiteTotals } from '../ports/site-lists.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'

export interface DeadlinePorts {
  readonly sites: SiteStore
  readonly brakes: BrakeStore
  readonly totals: Pick<SiteTotals, 'read'>
  readonly policies: TrialPolicies
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
  /** Whether somebody is turning the domain clock on purpose at this moment: then it does not jump, whatever it does. */
  readonly clockIsTurned: () => boolean
}

/** What one part of a sweep did. */
export interface Swept {
  readonly acted: number
  /** The sites with which it had trouble. */
  readonly left: readonly string[]
}
