import type { SiteId } from '../../core/ids.ts'
import type { ArchiveLinks, Archiver, ArchiveStore, ArchiveUploads } from '../../core/ports/archives.ts'
import type { EventBus, Mailer, SentMails, UnpublishedRecords } from '../../core/ports/delivery.ts'
import type { SiteHooks } from '../../core/ports/hooks.ts'
import type { Payments } from '../../core/ports/payments.ts'
import type { AskingProbe, CheckProbe } from '../../core/ports/probes.ts'
import type {
  Leftovers,
  SiteCheck,
  SiteCommands,
  SiteImages,
  SiteObserver,
  SiteRuntime,
  SiteSecrets,
  SiteStorage,
  StorageMeter,
} from '../../core/ports/runtime.ts'
import type { OperatorTokens } from '../../core/ports/tokens.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import type { PersonalFiles } from '../accounts/ports.ts'
import type { Billing } from '../billing/ask-billing.ts'
import type { WebhookSignatures } from '../billing/ports.ts'
import type { SecretOpener, SecretSealer } from '../configuration/configuration.ts'
import type { OwnSoftware } from '../deployments/deployment.ts'
import type { Dns, DomainEdge, DomainReach, DomainTenants, RegistrableDomains } from '../domains/ports.ts'
import type { JobWatch, TaskTokens } from '../endings/copy/run-archive-job.ts'
import type { OperatorDirectory, OperatorSignIn } from '../operators/ports.ts'
import type { CodeSecret } from '../rate-limits/count-in-windows.ts'
import type { ReportEngine, ReportFiles, RowFiles } from '../reports/ports.ts'
import type { ProofOfWork } from '../signup/abuse/admit-signup.ts'
import type { TaskNews } from '../sites/run/follow-task.ts'
import type { Pace } from '../trials/pull-brake.ts'
import type { Admission } from '../trials/waiting-list/admit-trials.ts'
import type { WebhookSecrets, WebhookSender } from '../webhooks/webhook.ts'
import type { CommonPorts } from './common-ports.ts'

/** The ports on the tables, by capability. Each folder's `functions.ts` adds its own. */
// biome-ignore lint/suspicious/noEmptyInterface: declarations elsewhere fill it
export interface TablePorts {}

/** The ports that are not on the tables, by capability. */
export interface PlatformPorts {
  readonly 'accounts:open': { readonly freeMailDomains: ReadonlySet<string> }
  readonly 'api:describe': { readonly describeApi: () => Promise<object> }
  readonly 'archiver:run': { readonly archiver: Archiver; readonly siteCheck: SiteCheck }
  readonly 'archives:link': { readonly archiveLinks: ArchiveLinks }
  readonly 'archives:list': { readonly archives: Pick<ArchiveStore, 'list'> }
  readonly 'archives:upload': { readonly archiveUploads: ArchiveUploads }
  readonly 'archives:remove': { readonly archives: Pick<ArchiveStore, 'list' | 'remove'> }
  /** On one machine, only later events of the same site wait, so nothing is kept aside. */
  readonly 'bus:publish': { readonly bus: EventBus; readonly unpublishedRecords?: UnpublishedRecords }
  readonly 'domains:check': {
    readonly dns: Dns
    readonly edge: DomainEdge
    readonly reach: DomainReach
    readonly registrableDomains: RegistrableDomains
  }
  readonly 'domains:serve': { readonly tenants: DomainTenants }
  readonly 'hooks:call': { readonly hooks: SiteHooks }
  readonly 'images:require': { readonly images: SiteImages }
  readonly 'jobs:complete': {
    readonly jobWatch: JobWatch
    readonly taskTokens: TaskTokens
    /** The site that a task of the archiver worked for, by the detail of its event; undefined for other tasks. */
    readonly siteOfArchiverTask: (detail: unknown) => SiteId | undefined
  }
  readonly 'leftovers:remove': { readonly leftovers: Leftovers }
  readonly 'mail:find': { readonly sentMails: SentMails }
  readonly 'mail:send': {
    readonly mailer: Mailer
    /** Notes what became of a mail, by the platform's own event. */
    readonly noteMailOutcome: (detail: unknown) => Promise<void>
  }
  readonly 'operators:sign-in': { readonly operatorSignIn: OperatorSignIn }
  readonly 'operators:verify': {
    readonly operatorTokens: OperatorTokens
    readonly operatorDirectory: OperatorDirectory
  }
  readonly 'pace:take': { readonly pace: Pace }
  readonly 'people:erase': { readonly personalFiles: PersonalFiles }
  readonly 'payments:call': { readonly payments: Payments; readonly billing: Billing }
  readonly 'payments:note': {
    /** Reads the current secrets, which may have been rotated. */
    readonly webhookSignatures: () => Promise<WebhookSignatures>
  }
  readonly 'readings:read': { readonly meter: StorageMeter }
  readonly 'reports:write': { readonly reportFiles: ReportFiles; readonly rowFiles: RowFiles }
  readonly 'reports:read': { readonly reportEngine: ReportEngine }
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
    readonly rootPublicKey: string
  }
  readonly 'runtime:start': {
    readonly runtime: Pick<SiteRuntime, 'locate' | 'prepare' | 'start' | 'startBeside' | 'startInBulk'>
    /** The public key by which sites verify entitlements. */
    readonly rootPublicKey: string
  }
  readonly 'runtime:stop': { readonly runtime: Pick<SiteRuntime, 'stop'> }
  readonly 'secrets:open': { readonly secretOpener: SecretOpener }
  readonly 'secrets:read': { readonly secrets: SiteSecrets }
  readonly 'secrets:seal': { readonly secretSealer: SecretSealer }
  readonly 'signups:write': {
    readonly codeSecret: CodeSecret
    readonly disposableDomains: ReadonlySet<string>
    readonly freeMailDomains: ReadonlySet<string>
    readonly proofOfWork: ProofOfWork
  }
  readonly 'signup-mails:send': { readonly codeSecret: CodeSecret }
  readonly 'software:own': { readonly ownSoftware: Omit<OwnSoftware, 'remove'> }
  readonly 'software:remove': { readonly ownSoftware: Pick<OwnSoftware, 'remove'> }
  readonly 'storage:measure': { readonly meter: StorageMeter }
  readonly 'storage:prepare': { readonly storage: Pick<SiteStorage, 'prepare'> }
  readonly 'storage:remove': { readonly storage: Pick<SiteStorage, 'list' | 'release' | 'remove'> }
  readonly 'trials:admit': { readonly admission: Admission }
  /** Shows the secrets of endpoints, and sends nothing. */
  readonly 'webhooks:manage': { readonly webhookSecrets: WebhookSecrets; readonly webhookHosts: readonly string[] }
  readonly 'webhooks:send': { readonly webhookSender: WebhookSender }
  readonly 'workflows:start': { readonly workflows: Workflows }
}

type PortsIn<All, Name> = Name extends keyof All ? All[Name] : unknown

/**
 * The ports of each capability. A capability is a permission of a function in the domain's terms: its ports, IAM
 * statements, variables and wiring all follow from it.
 */
export type PortsOf = {
  readonly [Name in Capability]: PortsIn<TablePorts, Name> & PortsIn<PlatformPorts, Name>
}

export type Capability = keyof TablePorts | keyof PlatformPorts

/** All of a union's members at once. */
export type Intersection<Union> = (Union extends unknown ? (ports: Union) => void : never) extends (
  ports: infer All,
) => void
  ? All
  : never

export type Ports<Uses extends Capability> = CommonPorts & Intersection<PortsOf[Uses]>

export type EveryPort = Ports<Capability>
