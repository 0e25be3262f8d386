import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { CapacityUse } from '../../core/config/count-cells.ts'
import type { SiteId } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Clocks, Log, Randomness } from '../../core/ports/context.ts'
import type { OpenRequests } from '../../core/ports/runtime.ts'
import type { CellCount } from '../../core/ports/site-lists.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { LeadPolicy } from '../leads/lead-rules.ts'
import type { Offers } from '../offers/offers.ts'
import type { WokenPolicy } from '../releases/woken.ts'
import type { AbusePolicy } from '../signup/abuse/abuse-policy.ts'
import type { CellCapacity } from '../sites/cells/place-sites.ts'
import type { PoolPolicy } from '../sites/pool/pool.ts'
import type { SleepPolicy } from '../sleep/sleep-policy.ts'
import type { Ceilings } from '../trials/waiting-list/waiting-entry.ts'
import type { OriginSecrets } from './behind-edge.ts'

/** The ports of every function: the configuration, the clocks, and pauses. */
export interface CommonPorts {
  readonly log: Log
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly brand: string
  /** The contact address for owners. */
  readonly contact: string
  /** Where the data of sites is, in words. */
  readonly dataLocation?: string | undefined
  readonly abuse: AbusePolicy
  readonly auditPolicy: { readonly retentionDays: number }
  readonly leadPolicy: LeadPolicy
  readonly reportPolicy: { readonly retentionDays: number; readonly awakeHourCost: number }
  readonly offeredBlueprints: readonly [string, ...string[]]
  readonly offers: Offers
  /** Whether blueprints may only name images by their digests. */
  readonly imagesArePinned?: true
  /**
   * Refuses a blueprint that builds or runs on the machine itself what no file of its host says; one machine only. Throws
   * `BlueprintInvalid`.
   */
  readonly requireOwnParts?: (blueprint: Blueprint) => Promise<void>
  readonly reservedSlugs: readonly string[]
  readonly pool: PoolPolicy
  readonly plans: PlanCatalogue
  readonly ceilings: Ceilings
  readonly policies: TrialPolicies
  readonly capacities: readonly CellCapacity[]
  readonly capacityUse: (counts: readonly CellCount[]) => readonly CapacityUse[]
  readonly cells: readonly string[]
  readonly consoleUrl: string
  readonly sitesDomain: string
  readonly siteUrl: (hostname: string) => string
  readonly paymentsAreLive: boolean
  /** Whether the domain clock was advanced; one machine only. */
  readonly clockIsTurned: () => boolean
  readonly isStopping: () => boolean
  /** How many sites one sweep starts concurrently. */
  readonly startsAtOnce: number
  readonly openRequests: OpenRequests
  readonly pause: (milliseconds: number) => Promise<void>
  readonly lookEveryMilliseconds: number
  readonly placementSeconds: number
  /** For how long a newly noted job may seem lost, because its task is being created. */
  readonly jobStartMilliseconds: number
  /** Who may wake sites how often. */
  readonly sleep: SleepPolicy
  readonly releases: { readonly woken: WokenPolicy }
  /** Makes room for one more running site; false if there is none. */
  readonly makeRoom: (causationId: string) => Promise<boolean>
  /** By how many seconds the stored last use of a site may be late. */
  readonly usageLatenessSeconds: number
  /** After how many days of sleep a site becomes dormant; absent on one machine. */
  readonly dormantAfterDays?: number | undefined
  readonly routerMemoryMilliseconds: number
  /** Monotonic milliseconds, whatever the clocks are set to. */
  readonly monotonic: () => number
  /** Since when sites are watched that start slowly; one machine only. */
  readonly slowSince?: Map<SiteId, number>
  /** Shows that a request came through CloudFront; undefined on one machine, and for functions without a route. */
  readonly originSecrets?: OriginSecrets | undefined
}
