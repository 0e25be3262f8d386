import type { SiteId } from '../../core/ids.ts'
import type { ArchiveLinks, Archiver, ArchiveStore } from '../../core/ports/archives.ts'
import type { EventBus, Mailer, SentMails } from '../../core/ports/delivery.ts'
import type { SiteHooks } from '../../core/ports/hooks.ts'
import type { Payments } from '../../core/ports/payments.ts'
import type {
  AskingProbe,
  CheckProbe,
  Leftovers,
  SiteCheck,
  SiteCommands,
  SiteObserver,
  SiteRuntime,
  SiteSecrets,
  SiteStorage,
  StorageMeter,
} from '../../core/ports/runtime.ts'
import type { CellCounts, SiteLists, SiteTotals } from '../../core/ports/site-lists.ts'
import type { IdempotencyStore, SiteStore } from '../../core/ports/stores.ts'
import type { OperatorTokens } from '../../core/ports/tokens.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import type {
  AccountChanges,
  AccountStore,
  ClosureTasks,
  PersonalFiles,
  PersonEraser,
  SessionStore,
  SiteEraser,
} from '../accounts/ports.ts'
import type { Billing, BillingReconciliations, Checkouts } from '../billing/ports.ts'
import type { PaymentNotices, WebhookSignatures } from '../billing/receive-stripe-event.ts'
import type { BlueprintReader, BlueprintStore } from '../blueprints/ports.ts'
import type { Dns, DomainEdge, DomainReach, DomainTenants, RegistrableDomains } from '../domains/custom-domain.ts'
import type { DomainStore } from '../domains/domain-verdict.ts'
import type { JobWaits, JobWatch, TaskTokens } from '../endings/copy/run-archive-job.ts'
import type { Quarantine } from '../endings/leftovers/quarantine.ts'
import type { LeadLists, LeadStore } from '../leads/lead.ts'
import type { AuditLog, RefusalCounts } from '../operators/audit/ports.ts'
import type { EntranceStore } from '../operators/entrance/ports.ts'
import type { OperatorDirectory, OperatorSessionStore, OperatorSignIn } from '../operators/ports.ts'
import type { RateWindows } from '../rate-limits/count-in-windows.ts'
import type { RolloutStore } from '../releases/rollout.ts'
import type { ChangedRows, EventHistory, ReportAccounts, ReportFiles, ReportRows, RowFiles } from '../reports/ports.ts'
import type { ReportEngine } from '../reports/query-ports.ts'
import type { UsageStore } from '../reports/usage/ports.ts'
import type { ProofOfWork } from '../signup/abuse/admit-signup.ts'
import type { SignupMails, SignupStore } from '../signup/ports.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import type { TaskNews } from '../sites/run/follow-task.ts'
import type { SummaryLinkStore } from '../sites/summary/ports.ts'
import type { IdleChecks } from '../sleep/ports.ts'
import type { Brake, BrakeStore, Pace } from '../trials/brake.ts'
import type { Admission, TrialControlStore, WaitingList } from '../trials/waiting-list/waiting-entry.ts'
import type {
  WebhookDeliveries,
  WebhookEndpoints,
  WebhookLog,
  WebhookSecrets,
  WebhookSender,
} from '../webhooks/webhook.ts'
import type { CommonPorts } from './common-ports.ts'

/**
 * The ports of each capability. A capability is a permission of a function in the domain's terms: its ports, IAM
 * statements (lib), variables (cloud) and wiring (cloud, local) all follow from it.
 */
export interface PortsOf {
  readonly 'accounts:follow': {
    readonly closureTasks: ClosureTasks
    readonly siteEraser: SiteEraser
    readonly accounts: Pick<AccountStore, 'get'>
    readonly accountChanges: AccountChanges
  }
  readonly 'accounts:read': { readonly accounts: AccountStore }
  readonly 'accounts:write': { readonly accountChanges: AccountChanges; readonly checkouts: Checkouts }
  readonly 'archiver:run': { readonly archiver: Archiver; readonly siteCheck: SiteCheck }
  readonly 'archives:link': { readonly archiveLinks: ArchiveLinks }
  readonly 'archives:list': { readonly archives: Pick<ArchiveStore, 'list'> }
  readonly 'archives:remove': { readonly archives: Pick<ArchiveStore, 'list' | 'remove'> }
  readonly 'audit:append': { readonly auditLog: Pick<AuditLog, 'append'> }
  readonly 'audit:read': { readonly auditLog: AuditLog }
  readonly 'blueprints:read': { readonly blueprints: BlueprintReader }
  readonly 'blueprints:write': { readonly blueprints: BlueprintStore }
  readonly 'brake:read': { readonly brake: Brake }
  readonly 'brake:write': { readonly brakes: BrakeStore }
  readonly 'bus:publish': { readonly bus: EventBus }
  readonly 'customers:redact': {
    readonly closureTasks: Pick<ClosureTasks, 'list' | 'remove'>
    readonly checkouts: Pick<Checkouts, 'find'>
  }
  readonly 'domains:check': {
    readonly dns: Dns
    readonly edge: DomainEdge
    readonly reach: DomainReach
    readonly registrableDomains: RegistrableDomains
  }
  readonly 'domains:read': { readonly domains: DomainStore }
  readonly 'domains:serve': { readonly tenants: DomainTenants }
  readonly 'domains:write': { readonly domains: DomainStore }
  readonly 'entrances:open': { readonly entrances: Pick<EntranceStore, 'keep'> }
  readonly 'evidence:erase': { readonly evidence: Pick<EvidenceStore, 'erase'> }
  readonly 'evidence:keep': { readonly evidence: Pick<EvidenceStore, 'keep'> }
  readonly 'evidence:read': { readonly evidence: Pick<EvidenceStore, 'list' | 'recent'> }
  readonly 'hooks:call': { readonly hooks: SiteHooks }
  readonly 'idle:check': { readonly idleChecks: IdleChecks }
  readonly 'jobs:complete': {
    readonly jobWaits: Pick<JobWaits, 'list' | 'remove'>
    readonly jobWatch: JobWatch
    readonly taskTokens: TaskTokens
    /** The site that a task of the archiver worked for, by the detail of its event; undefined for other tasks. */
    readonly siteOfArchiverTask: (detail: unknown) => SiteId | undefined
  }
  readonly 'jobs:note': { readonly jobWaits: Pick<JobWaits, 'note'> }
  readonly 'leads:change': { readonly leads: Pick<LeadStore, 'get' | 'save'> }
  readonly 'leads:follow': { readonly leads: LeadStore }
  readonly 'leads:read': { readonly leads: Pick<LeadStore, 'get'> }
  readonly 'leads:list': { readonly leadLists: LeadLists }
  readonly 'leftovers:remove': { readonly leftovers: Leftovers }
  readonly 'mail:find': { readonly sentMails: SentMails }
  readonly 'mail:send': { readonly mailer: Mailer }
  readonly 'operator-sessions:use': {
    readonly operatorSessions: Pick<OperatorSessionStore, 'find' | 'noteUse' | 'listOf'>
  }
  readonly 'operators:sign-in': {
    readonly operatorSignIn: OperatorSignIn
    readonly operatorSessions: OperatorSessionStore
  }
  readonly 'operators:verify': {
    readonly operatorTokens: OperatorTokens
    readonly operatorSessions: Pick<OperatorSessionStore, 'find'>
    readonly operatorDirectory: OperatorDirectory
  }
  readonly 'pace:take': { readonly pace: Pace }
  readonly 'people:erase': {
    readonly closureTasks: ClosureTasks
    readonly personEraser: PersonEraser
    readonly personalFiles: PersonalFiles
  }
  readonly 'payments:call': { readonly payments: Payments; readonly billing: Billing }
  readonly 'payments:note': {
    readonly paymentNotices: PaymentNotices
    /** Reads the current secrets, which may have been rotated. */
    readonly webhookSignatures: () => Promise<WebhookSignatures>
  }
  readonly 'quarantine:write': { readonly quarantine: Quarantine }
  readonly 'rate-windows:read': { readonly rateWindows: Pick<RateWindows, 'read'> }
  readonly 'rate-windows:write': { readonly rateWindows: RateWindows }
  readonly 'readings:read': { readonly meter: StorageMeter }
  readonly 'reconciliations:read': { readonly reconciliations: BillingReconciliations }
  readonly 'reconciliations:request': { readonly reconciliations: BillingReconciliations }
  readonly 'reconciliations:write': { readonly reconciliations: BillingReconciliations }
  readonly 'refusals:count': { readonly refusals: Pick<RefusalCounts, 'count'> }
  readonly 'refusals:enter': { readonly refusals: RefusalCounts }
  readonly 'reports:record': { readonly reportAccounts: ReportAccounts; readonly reportRows: Pick<ReportRows, 'put'> }
  readonly 'reports:write': {
    readonly changedRows: ChangedRows
    readonly eventHistory: EventHistory
    readonly reportFiles: ReportFiles
    readonly rowFiles: RowFiles
  }
  readonly 'reports:read': { readonly reportEngine: ReportEngine }
  readonly 'rollouts:read': { readonly rollouts: Pick<RolloutStore, 'list' | 'read'> }
  readonly 'rollouts:write': { readonly rollouts: RolloutStore }
  readonly 'runtime:observe': { readonly runtime: Pick<SiteObserver, 'observe' | 'readLogs'> }
  readonly 'runtime:probe': { readonly probe: AskingProbe & CheckProbe }
  readonly 'runtime:read': {
    readonly runtime: Pick<SiteRuntime, 'list' | 'locate' | 'startBeside'> & Pick<SiteObserver, 'countEnds'>
    /** Reads the status of a site from the platform's own event; undefined if the event is about no site or shows no change yet. */
    readonly readTaskNews: (detail: unknown) => Promise<TaskNews | undefined>
  }
  readonly 'runtime:remove': { readonly runtime: Pick<SiteRuntime, 'remove'> }
  readonly 'runtime:run': {
    readonly runtime: SiteCommands & Pick<SiteRuntime, 'startBeside'>
    /** The public key by which sites verify entitlements. */
    readonly rootPublicKey: string
  }
  readonly 'runtime:start': {
    readonly runtime: Pick<SiteRuntime, 'locate' | 'prepare' | 'start' | 'startBeside' | 'startInBulk'>
    /** The public key by which sites verify entitlements. */
    readonly rootPublicKey: string
  }
  readonly 'runtime:stop': { readonly runtime: Pick<SiteRuntime, 'stop'> }
  readonly 'secrets:read': { readonly secrets: SiteSecrets }
  readonly 'sessions:read': { readonly sessions: Pick<SessionStore, 'find'> }
  readonly 'sessions:write': { readonly sessions: SessionStore }
  readonly 'signups:write': {
    readonly signups: SignupStore
    readonly signupMails: SignupMails
    readonly idempotency: IdempotencyStore
    readonly codeSecret: string
    readonly disposableDomains: ReadonlySet<string>
    readonly freeMailDomains: ReadonlySet<string>
    readonly proofOfWork: ProofOfWork
  }
  readonly 'signup-mails:send': {
    readonly signups: Pick<SignupStore, 'get'>
    readonly signupMails: Pick<SignupMails, 'queued' | 'unqueue'>
    readonly codeSecret: string
  }
  readonly 'sites:history': { readonly siteLists: Pick<SiteLists, 'pageOfEvents'> }
  readonly 'sites:list': { readonly siteLists: SiteLists }
  readonly 'sites:read': { readonly sites: Omit<SiteStore, 'commit'> }
  readonly 'sites:write': { readonly sites: SiteStore; readonly idempotency: IdempotencyStore }
  readonly 'storage:measure': { readonly meter: StorageMeter }
  readonly 'storage:prepare': { readonly storage: Pick<SiteStorage, 'prepare'> }
  readonly 'storage:remove': { readonly storage: Pick<SiteStorage, 'list' | 'release' | 'remove'> }
  readonly 'totals:cells': { readonly cellCounts: Omit<CellCounts, 'add'> }
  readonly 'totals:place': { readonly cellCounts: Pick<CellCounts, 'read' | 'add'> }
  readonly 'totals:read': {
    readonly totals: Pick<SiteTotals, 'read' | 'days'>
    readonly cellCounts: Pick<CellCounts, 'read'>
  }
  readonly 'totals:write': { readonly totals: SiteTotals }
  readonly 'trials:admit': { readonly admission: Admission }
  readonly 'trials:read': { readonly trialControls: Pick<TrialControlStore, 'history' | 'read'> }
  readonly 'trials:write': { readonly trialControls: TrialControlStore }
  readonly 'summary-links:read': { readonly summaryLinks: Pick<SummaryLinkStore, 'find'> }
  readonly 'summary-links:write': { readonly summaryLinks: SummaryLinkStore }
  readonly 'usage:read': { readonly usage: Pick<UsageStore, 'lastUse' | 'list'> }
  readonly 'visits:count': { readonly reportRows: Pick<ReportRows, 'countVisit'> }
  readonly 'waiting-list:read': { readonly waitingList: WaitingList }
  readonly 'waiting-list:write': { readonly waitingList: WaitingList }
  /** Shows the secrets of endpoints, and sends nothing. */
  readonly 'webhooks:manage': {
    readonly webhookEndpoints: WebhookEndpoints
    readonly webhookDeliveries: Pick<WebhookDeliveries, 'requeue'>
    readonly webhookLog: Pick<WebhookLog, 'find' | 'page'>
    readonly webhookSecrets: WebhookSecrets
    readonly webhookHosts: readonly string[]
  }
  readonly 'webhooks:send': {
    readonly webhookEndpoints: Pick<WebhookEndpoints, 'list' | 'read' | 'write'>
    readonly webhookDeliveries: WebhookDeliveries
    readonly webhookLog: Pick<WebhookLog, 'append' | 'page'>
    readonly webhookSender: WebhookSender
  }
  readonly 'workflows:start': { readonly workflows: Workflows }
}

export type Capability = keyof PortsOf

/** The capabilities that a function lacks. */
type Intersection<Union> = (Union extends unknown ? (ports: Union) => void : never) extends (ports: infer All) => void
  ? All
  : never

/** The ports of a function that uses these capabilities. */
export type Ports<Uses extends Capability> = CommonPorts & Intersection<PortsOf[Uses]>

/** The ports of all functions together. */
export type EveryPort = Ports<Capability>
