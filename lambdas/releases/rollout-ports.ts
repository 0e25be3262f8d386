import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import type { UsageStore } from '../reports/usage/ports.ts'
import type { RequestPorts } from '../sleep/request-sleep.ts'
import type { Brake } from '../trials/brake/ports.ts'
import type { RolloutStore } from './ports.ts'
import type { RolloutContext } from './rollout-changes.ts'
import type { Course } from './site-standing.ts'
import type { WokenPolicy } from './woken.ts'

export interface RolloutPorts extends RequestPorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'statusPage'>
  readonly rollouts: RolloutStore
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly brake: Brake
  readonly usage: Pick<UsageStore, 'list'>
  /** How many sites of a roll-out move at once. */
  readonly startsAtOnce: number
  /** Makes room for one more running site; false if there is none. */
  readonly makeRoom: (causationId: string) => Promise<boolean>
  readonly releases: { readonly woken: WokenPolicy }
  readonly usageLatenessSeconds: number
  readonly monotonic: () => number
  readonly isStopping: () => boolean
}

/** A roll-out, and all that its steps know of it. */
export interface Work extends Course {
  readonly blueprint: Blueprint
  readonly context: RolloutContext
}
