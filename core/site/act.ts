import type { Actor } from '../events/event.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Log } from '../ports/log.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { ChangeContext } from './change.ts'
import type { TrialPolicies } from './trial-policy.ts'

/** What people need to act on sites. */
export interface ActPorts {
  readonly sites: SiteStore
  readonly policies: TrialPolicies
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

/** Who acts on which site, as their request came. */
export interface Act {
  /** As it was given; it may be no id at all. */
  readonly siteId: string
  readonly actor: Actor
  readonly causationId: string
}

export const actContext = (
  { clocks, randomness }: Pick<ActPorts, 'clocks' | 'randomness'>,
  { actor, causationId }: Act,
): ChangeContext => ({ actor, causationId, clocks, randomness })
