import type { AbusePolicy } from '../../core/abuse/abuse-policy.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { PoolPolicy } from '../../core/pool/pool.ts'
import type { Admission } from '../../core/ports/admission.ts'
import type { ArchiveLinks } from '../../core/ports/archive-links.ts'
import type { Archiver } from '../../core/ports/archiver.ts'
import type { ArchiveStore } from '../../core/ports/archives.ts'
import type { Billing } from '../../core/ports/billing.ts'
import type { BillingReconciliations } from '../../core/ports/billing-reconciliations.ts'
import type { Brake } from '../../core/ports/brake.ts'
import type { BrakeStore } from '../../core/ports/brake-store.ts'
import type { Checkouts } from '../../core/ports/checkouts.ts'
import type { Clocks } from '../../core/ports/clocks.ts'
import type { Dns } from '../../core/ports/dns.ts'
import type { DomainEdge, DomainTenants } from '../../core/ports/domain-edge.ts'
import type { DomainStore } from '../../core/ports/domain-store.ts'
import type { EventBus } from '../../core/ports/event-bus.ts'
import type { Leftovers } from '../../core/ports/leftovers.ts'
import type { Log } from '../../core/ports/log.ts'
import type { Mailer } from '../../core/ports/mailer.ts'
import type { OpenRequests } from '../../core/ports/open-requests.ts'
import type { OperatorTokens } from '../../core/ports/operator-tokens.ts'
import type { Pace } from '../../core/ports/pace.ts'
import type { PaymentNotices } from '../../core/ports/payment-notices.ts'
import type { Payments } from '../../core/ports/payments.ts'
import type { ProofOfWork } from '../../core/ports/proof-of-work.ts'
import type { Quarantine } from '../../core/ports/quarantine.ts'
import type { Randomness } from '../../core/ports/randomness.ts'
import type { RateWindows } from '../../core/ports/rate-windows.ts'
import type { RegistrableDomains } from '../../core/ports/registrable-domains.ts'
import type { HealthProbe, SiteRuntime, SiteSecrets, SiteStorage } from '../../core/ports/runtime.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import type { SiteTotals } from '../../core/ports/site-totals.ts'
import type { StorageMeter } from '../../core/ports/storage-meter.ts'
import type {
  AccountChanges,
  AccountStore,
  BlueprintStore,
  IdempotencyStore,
  SessionStore,
  SignupStore,
  SiteStore,
} from '../../core/ports/stores.ts'
import type { TrialControlStore } from '../../core/ports/trial-controls.ts'
import type { WaitingList } from '../../core/ports/waiting-list.ts'
import type { WebhookSignatures } from '../../core/ports/webhook-signatures.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import type { TaskNews } from '../../core/site/follow-task.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { Ceilings } from '../../core/waiting-list/ceilings.ts'
import type { OriginSecrets } from './behind-edge.ts'

/** What every function has: the configuration, the clocks, and how to wait. */
export interface CommonPorts {
  readonly log: Log
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly brand: string
  /** Where owners write to. */
  readonly contact: string
  readonly abuse: AbusePolicy
  readonly offeredBlueprints: readonly [string, ...string[]]
  readonly reservedSlugs: readonly string[]
  readonly pool: PoolPolicy
  readonly plans: PlanCatalogue
  readonly ceilings: Ceilings
  readonly policies: TrialPolicies
  /** Where new sites are built. */
  readonly cell: string
  readonly cells: readonly string[]
  readonly consoleUrl: string
  readonly sitesDomain: string
  readonly siteUrl: (hostname: string) => string
  readonly paymentsAreLive: boolean
  /** Whether the domain clock was advanced; one machine only. */
  readonly clockIsTurned: () => boolean
  readonly isStopping: () => boolean
  /** How many sites one sweep starts at the same time. */
  readonly startsAtOnce: number
  readonly openRequests: OpenRequests
  readonly pause: (milliseconds: number) => Promise<void>
  readonly lookEveryMilliseconds: number
  readonly placementSeconds: number
  readonly routerMemoryMilliseconds: number
  /** Milliseconds that pass evenly, whatever the clocks are set to. */
  readonly monotonic: () => number
  /** Shows that a request came through CloudFront; undefined on one machine, and for functions without a route. */
  readonly originSecrets?: OriginSecrets | undefined
}

/**
 * The ports that come with each capability. A capability is what a function may do, in the domain's terms: its ports, IAM
 * statements (lib), variables (cloud) and wiring (cloud, local) all follow from it.
 */
export interface PortsOf {
  readonly 'accounts:read': { readonly accounts: AccountStore }
  readonly 'accounts:write': { readonly accountChanges: AccountChanges; readonly checkouts: Checkouts }
  readonly 'archiver:run': { readonly archiver: Archiver }
  readonly 'archives:link': { readonly archiveLinks: ArchiveLinks }
  readonly 'archives:list': { readonly archives: Pick<ArchiveStore, 'list'> }
  readonly 'archives:remove': { readonly archives: Pick<ArchiveStore, 'list' | 'remove'> }
  readonly 'blueprints:read': { readonly blueprints: BlueprintStore }
  readonly 'brake:read': { readonly brake: Brake }
  readonly 'brake:write': { readonly brakes: BrakeStore }
  readonly 'bus:publish': { readonly bus: EventBus }
  readonly 'domains:check': {
    readonly dns: Dns
    readonly edge: DomainEdge
    readonly registrableDomains: RegistrableDomains
  }
  readonly 'domains:read': { readonly domains: DomainStore }
  readonly 'domains:serve': { readonly tenants: DomainTenants }
  readonly 'domains:write': { readonly domains: DomainStore }
  readonly 'leftovers:remove': { readonly leftovers: Leftovers }
  readonly 'mail:send': { readonly mailer: Mailer }
  readonly 'operators:verify': { readonly operatorTokens: OperatorTokens }
  readonly 'pace:take': { readonly pace: Pace }
  readonly 'payments:call': { readonly payments: Payments; readonly billing: Billing }
  readonly 'payments:note': {
    readonly paymentNotices: PaymentNotices
    /** As the secrets are now: they may be rolled. */
    readonly webhookSignatures: () => Promise<WebhookSignatures>
  }
  readonly 'quarantine:write': { readonly quarantine: Quarantine }
  readonly 'rate-windows:read': { readonly rateWindows: Pick<RateWindows, 'read'> }
  readonly 'rate-windows:write': { readonly rateWindows: RateWindows }
  readonly 'readings:read': { readonly meter: StorageMeter }
  readonly 'reconciliations:read': { readonly reconciliations: BillingReconciliations }
  readonly 'reconciliations:request': { readonly reconciliations: BillingReconciliations }
  readonly 'reconciliations:write': { readonly reconciliations: BillingReconciliations }
  readonly 'runtime:probe': { readonly probe: HealthProbe }
  readonly 'runtime:read': {
    readonly runtime: Pick<SiteRuntime, 'list' | 'locate' | 'startBeside'>
    /** Reads what the platform's own event says about a site; undefined if it concerns none, or says nothing yet. */
    readonly readTaskNews: (detail: unknown) => Promise<TaskNews | undefined>
  }
  readonly 'runtime:remove': { readonly runtime: Pick<SiteRuntime, 'remove'> }
  readonly 'runtime:start': {
    readonly runtime: Pick<SiteRuntime, 'locate' | 'start' | 'startBeside'>
    /** The key that sites believe entitlements by. */
    readonly rootPublicKey: string
  }
  readonly 'secrets:read': { readonly secrets: SiteSecrets }
  readonly 'sessions:read': { readonly sessions: Pick<SessionStore, 'find'> }
  readonly 'sessions:write': { readonly sessions: SessionStore }
  readonly 'signups:write': {
    readonly signups: SignupStore
    readonly idempotency: IdempotencyStore
    readonly codeSecret: string
    readonly disposableDomains: ReadonlySet<string>
    readonly proofOfWork: ProofOfWork
  }
  readonly 'sites:list': { readonly siteLists: SiteLists }
  readonly 'sites:read': { readonly sites: Omit<SiteStore, 'commit'> }
  readonly 'sites:write': { readonly sites: SiteStore; readonly idempotency: IdempotencyStore }
  readonly 'storage:measure': { readonly meter: StorageMeter }
  readonly 'storage:prepare': { readonly storage: Pick<SiteStorage, 'prepare'> }
  readonly 'storage:remove': { readonly storage: Pick<SiteStorage, 'list' | 'remove'> }
  readonly 'totals:read': { readonly totals: Pick<SiteTotals, 'read'> }
  readonly 'totals:write': { readonly totals: SiteTotals }
  readonly 'trials:admit': { readonly admission: Admission }
  readonly 'trials:read': { readonly trialControls: Pick<TrialControlStore, 'history' | 'read'> }
  readonly 'trials:write': { readonly trialControls: TrialControlStore }
  readonly 'waiting-list:read': { readonly waitingList: WaitingList }
  readonly 'waiting-list:write': { readonly waitingList: WaitingList }
  readonly 'workflows:start': { readonly workflows: Workflows }
}

export type Capability = keyof PortsOf

/** What a function that names only some capabilities does not have. */
type Intersection<Union> = (Union extends unknown ? (ports: Union) => void : never) extends (ports: infer All) => void
  ? All
  : never

/** The ports of a function that uses these capabilities. */
export type Ports<Uses extends Capability> = CommonPorts & Intersection<PortsOf[Uses]>

/** The ports of all functions together. */
export type EveryPort = Ports<Capability>
