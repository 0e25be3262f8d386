import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { CapacityUse } from '../../core/config/count-cells.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import type { OpenRequests } from '../../core/ports/runtime.ts'
import type { CellCount } from '../../core/ports/site-lists.ts'
import type { LeadPolicy } from '../leads/lead-facts.ts'
import type { Offers } from '../offers/offers.ts'
import type { WokenPolicy } from '../releases/woken.ts'
import type { AbusePolicy } from '../signup/abuse/abuse-policy.ts'
import type { CellCapacity } from '../sites/cells/place-sites.ts'
import type { PoolPolicy } from '../sites/pool/pool.ts'
import type { SleepPolicy } from '../sleep/sleep-policy.ts'
import type { Ceilings } from '../trials/waiting-list/waiting-entry.ts'
import type { OriginSecrets } from './behind-edge.ts'

/** The ports of every function: the configuration, the clocks, and pauses. */
export interface CommonPorts extends Context {
  readonly abuse: AbusePolicy
  readonly auditPolicy: { readonly retentionDays: number }
  readonly leadPolicy: LeadPolicy
  readonly reportPolicy: { readonly retentionDays: number; readonly awakeHourCost: number }
  readonly offers: Offers
  /** Whether blueprints may only name images by their digests. */
  readonly imagesArePinned?: true
  /**
   * Refuses a blueprint that builds or runs on the machine itself what no file of its host says; one machine only. Throws
   * `BlueprintInvalid`.
   */
  readonly requireOwnParts?: (blueprint: Blueprint) => Promise<void>
  readonly pool: PoolPolicy
  readonly ceilings: Ceilings
  readonly capacities: readonly CellCapacity[]
  readonly capacityUse: (counts: readonly CellCount[]) => readonly CapacityUse[]
  readonly cells: readonly string[]
  readonly openRequests: OpenRequests
  readonly placementSeconds: number
  /** For how long a newly noted job may seem lost, because its task is being created. */
  readonly jobStartMilliseconds: number
  /** Who may wake sites how often. */
  readonly sleep: SleepPolicy
  readonly releases: { readonly woken: WokenPolicy }
  /** After how many days of sleep a site becomes dormant; absent on one machine. */
  readonly dormantAfterDays?: number | undefined
  /** Since when sites are watched that start slowly; one machine only. */
  readonly slowSince?: Map<SiteId, number>
  /** Shows that a request came through CloudFront; undefined on one machine, and for functions without a route. */
  readonly originSecrets?: OriginSecrets | undefined
}
