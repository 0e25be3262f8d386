import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SFNClient } from '@aws-sdk/client-sfn'
import { ecsClient, iamClient, ssmClient } from '../adapters/cells/clients.ts'
import { createSiteLeftovers } from '../adapters/cells/site-leftovers.ts'
import { createSiteSecrets } from '../adapters/derived-secrets/derive-secret.ts'
import { createIdempotencyStore } from '../adapters/dynamodb/idempotency.ts'
import { createSiteLists } from '../adapters/dynamodb/site-lists.ts'
import { createCellCounts, createSiteTotals } from '../adapters/dynamodb/site-totals.ts'
import { createArchiverMeter, rememberedMeter, rememberingMeter } from '../adapters/ecs/archiver-meter.ts'
import { createEventBridgeBus } from '../adapters/eventbridge/event-bus.ts'
import { createKmsRootSigner } from '../adapters/kms/kms-root-signer.ts'
import { createRouterHooks } from '../adapters/router-probe/router-hooks.ts'
import { createRouterProbe } from '../adapters/router-probe/router-probe.ts'
import { createS3ArchiveLinks } from '../adapters/s3/archive-links.ts'
import { createArchiveBucket } from '../adapters/s3/archive-store.ts'
import { createSecrets } from '../adapters/secrets-manager/secrets.ts'
import { createStepFunctions } from '../adapters/stepfunctions/workflows.ts'
import { eventSource } from '../core/events/event-names.ts'
import type { Capability, PortsOf } from '../lambdas/_runtime/ports.ts'
import { createClosureTasks, createPersonEraser, createSiteEraser } from '../lambdas/accounts/closure-store.ts'
import { createAccountChanges, createAccountStore } from '../lambdas/accounts/store.ts'
import { billingFromStripe } from '../lambdas/billing/ask-billing.ts'
import { createBillingReconciliations } from '../lambdas/billing/reconciliation/store.ts'
import { createCheckouts, createPaymentNotices } from '../lambdas/billing/store.ts'
import { createBlueprintStore } from '../lambdas/blueprints/store.ts'
import { createDomainStore } from '../lambdas/domains/store.ts'
import { createJobWaits } from '../lambdas/endings/copy/store.ts'
import { createQuarantine } from '../lambdas/endings/leftovers/store.ts'
import { createAuditLog, createRefusalCounts } from '../lambdas/operators/audit/store.ts'
import { createEntranceStore } from '../lambdas/operators/entrance/store.ts'
import { createOperatorSessions } from '../lambdas/operators/store.ts'
import { createRateWindows } from '../lambdas/rate-limits/store.ts'
import { createRolloutStore } from '../lambdas/releases/store.ts'
import { createUsageStore } from '../lambdas/reports/usage/store.ts'
import { createSignupMails } from '../lambdas/signup/mail-store.ts'
import { createSessionStore, createSignupStore } from '../lambdas/signup/store.ts'
import { createEvidenceStore } from '../lambdas/sites/evidence/store.ts'
import { createSummaryLinkStore } from '../lambdas/sites/summary/store.ts'
import { createIdleChecks } from '../lambdas/sleep/store.ts'
import { brakeFromStore, paceFromStore } from '../lambdas/trials/change-brake.ts'
import { createBrakeStore, createTrialControls } from '../lambdas/trials/store.ts'
import { createAdmission } from '../lambdas/trials/waiting-list/admit-trials.ts'
import { createWaitingList } from '../lambdas/trials/waiting-list/store.ts'
import { type CloudContext, oncePerContext, siteStore, tables, writing } from './context.ts'
import { openArchiver } from './parts/archiver.ts'
import { openAwaitedJobs } from './parts/awaited-jobs.ts'
import { openCells } from './parts/cells.ts'
import { clientSettings } from './parts/client-settings.ts'
import { openDomainChecks, openTenants } from './parts/custom-domains.ts'
import { openHostedSignIn } from './parts/hosted-sign-in.ts'
import { openLeadLists, openLeads } from './parts/leads.ts'
import { openMailer, openSentMail } from './parts/mail.ts'
import { openOriginSecrets } from './parts/origin-secrets.ts'
import { openPayments } from './parts/payments.ts'
import { openReportReading, openReportRecord, openReportWriting, openVisitCounts } from './parts/reports.ts'
import { openSignups } from './parts/signups.ts'
import { openVerifiedOperators } from './parts/verified-operators.ts'
import { waiting } from './parts/waiting.ts'
import { openWebhookSignatures } from './parts/webhook-signatures.ts'
import { openWebhookManagement, openWebhookSending } from './parts/webhooks.ts'

// What functions use on AWS. Each capability is an export of its own: the bundle of a function holds those that it uses, and
// nothing of the others.

type Open<Name extends Capability> = (context: CloudContext) => PortsOf[Name] | Promise<PortsOf[Name]>

const secrets = oncePerContext(() => createSecrets({ client: new SecretsManagerClient(clientSettings) }))
const archiver = oncePerContext(openArchiver)
const cells = oncePerContext(openCells)
/** Sites admit routers alone, so a router calls their hooks and checks their health. */
const routerQuestions = (context: CloudContext) => ({
  routerUrl: context.variable('ROUTER_URL'),
  secret: () => secrets(context).valueOf(context.variable('PROBE_SECRET')),
  log: context.log,
})
const bucket = oncePerContext((context) =>
  createArchiveBucket({ client: new S3Client(clientSettings), bucket: context.variable('ARCHIVE_BUCKET') }),
)
const domainStore = oncePerContext((context) => createDomainStore({ ...tables(context), outbox: false }))
const reconciliations = oncePerContext((context) => createBillingReconciliations(writing(context)))
const rateWindows = oncePerContext((context) => createRateWindows(tables(context)))
const totals = oncePerContext((context) => createSiteTotals(tables(context)))
const trialControls = oncePerContext((context) => createTrialControls(tables(context)))
const waitingList = oncePerContext((context) => createWaitingList(tables(context)))

export const accountsFollow: Open<'accounts:follow'> = (context) => ({
  closureTasks: createClosureTasks(tables(context)),
  siteEraser: createSiteEraser(tables(context)),
  accounts: createAccountStore(tables(context)),
  accountChanges: createAccountChanges(writing(context)),
})
export const accountsRead: Open<'accounts:read'> = (context) => ({ accounts: createAccountStore(tables(context)) })
export const accountsWrite: Open<'accounts:write'> = (context) => ({
  accountChanges: createAccountChanges(writing(context)),
  checkouts: createCheckouts(tables(context)),
})
export const archiverRun: Open<'archiver:run'> = (context) => archiver(context)
export const archivesLink: Open<'archives:link'> = (context) => ({
  archiveLinks: createS3ArchiveLinks({
    client: new S3Client(clientSettings),
    bucket: context.variable('ARCHIVE_BUCKET'),
    wall: context.clocks.wall,
  }),
})
export const archivesList: Open<'archives:list'> = (context) => ({ archives: bucket(context) })
export const archivesRemove: Open<'archives:remove'> = (context) => ({ archives: bucket(context) })
export const auditAppend: Open<'audit:append'> = (context) => ({ auditLog: createAuditLog(tables(context)) })
export const auditRead: Open<'audit:read'> = (context) => ({ auditLog: createAuditLog(tables(context)) })
const blueprints = (context: CloudContext) => ({ blueprints: createBlueprintStore(tables(context)) })
export const blueprintsRead: Open<'blueprints:read'> = blueprints
export const blueprintsWrite: Open<'blueprints:write'> = blueprints
export const brakeRead: Open<'brake:read'> = (context) => ({ brake: brakeFromStore(createBrakeStore(tables(context))) })
export const brakeWrite: Open<'brake:write'> = (context) => ({ brakes: createBrakeStore(tables(context)) })
export const busPublish: Open<'bus:publish'> = (context) => ({
  bus: createEventBridgeBus({
    client: new EventBridgeClient(clientSettings),
    busName: context.variable('EVENT_BUS'),
    source: eventSource,
  }),
})
export const customersRedact: Open<'customers:redact'> = (context) => ({
  closureTasks: createClosureTasks(tables(context)),
  checkouts: createCheckouts(tables(context)),
})
export const domainsCheck: Open<'domains:check'> = (context) => openDomainChecks(context)
export const domainsRead: Open<'domains:read'> = (context) => ({ domains: domainStore(context) })
export const domainsServe: Open<'domains:serve'> = (context) => openTenants(context)
export const domainsWrite: Open<'domains:write'> = (context) => ({ domains: domainStore(context) })
export const entrancesOpen: Open<'entrances:open'> = (context) => ({ entrances: createEntranceStore(tables(context)) })
export const evidenceErase: Open<'evidence:erase'> = (context) => ({ evidence: createEvidenceStore(tables(context)) })
export const evidenceKeep: Open<'evidence:keep'> = (context) => ({ evidence: createEvidenceStore(tables(context)) })
export const evidenceRead: Open<'evidence:read'> = (context) => ({ evidence: createEvidenceStore(tables(context)) })
export const hooksCall: Open<'hooks:call'> = (context) => ({
  hooks: createRouterHooks(routerQuestions(context)),
})
export const idleCheck: Open<'idle:check'> = (context) => ({ idleChecks: createIdleChecks(tables(context)) })
export const jobsComplete: Open<'jobs:complete'> = (context) => openAwaitedJobs(context, bucket(context))
export const jobsNote: Open<'jobs:note'> = (context) => ({ jobWaits: createJobWaits(tables(context)) })
export const leadsChange: Open<'leads:change'> = openLeads
export const leadsFollow: Open<'leads:follow'> = openLeads
export const leadsList: Open<'leads:list'> = openLeadLists
export const leadsRead: Open<'leads:read'> = openLeads
export const leftoversRemove: Open<'leftovers:remove'> = ({ names, log }) => ({
  leftovers: createSiteLeftovers({
    clients: { ecs: ecsClient(), iam: iamClient(), ssm: ssmClient() },
    installation: names.installation,
    rolePaths: [names.siteRolePath, names.archiverRolePath],
    parameterPath: names.siteParameters,
    log,
  }),
})
export const mailFind: Open<'mail:find'> = (context) => ({ sentMails: openSentMail(context) })
export const mailSend: Open<'mail:send'> = (context) => ({ mailer: openMailer(context) })
export const operatorSessionsUse: Open<'operator-sessions:use'> = (context) => ({
  operatorSessions: createOperatorSessions(tables(context)),
})
export const operatorsSignIn: Open<'operators:sign-in'> = async (context) => ({
  operatorSignIn: await openHostedSignIn(context),
  operatorSessions: createOperatorSessions(tables(context)),
})
export const operatorsVerify: Open<'operators:verify'> = (context) => openVerifiedOperators(context)
/** SES keeps no mail, and the memory of sent messages holds ids alone. */
export const peopleErase: Open<'people:erase'> = (context) => ({
  closureTasks: createClosureTasks(tables(context)),
  personEraser: createPersonEraser(tables(context)),
  personalFiles: { erase: async () => true },
})
/** One pace for the whole installation. */
export const paceTake: Open<'pace:take'> = (context) => ({
  pace: paceFromStore({ ...context, brakes: createBrakeStore(tables(context)), totals: totals(context) }),
})
export const paymentsCall: Open<'payments:call'> = (context) => {
  const payments = openPayments(context, secrets(context))
  return {
    payments,
    billing: billingFromStripe({ ...context, accounts: createAccountStore(tables(context)), payments }),
  }
}
export const paymentsNote: Open<'payments:note'> = async (context) => ({
  paymentNotices: createPaymentNotices(writing(context)),
  webhookSignatures: await openWebhookSignatures(context, secrets(context)),
})
export const quarantineWrite: Open<'quarantine:write'> = (context) => ({
  quarantine: createQuarantine(tables(context)),
})
export const rateWindowsRead: Open<'rate-windows:read'> = (context) => ({ rateWindows: rateWindows(context) })
export const rateWindowsWrite: Open<'rate-windows:write'> = (context) => ({ rateWindows: rateWindows(context) })
export const readingsRead: Open<'readings:read'> = (context) => ({ meter: rememberedMeter(tables(context)) })
export const reconciliationsRead: Open<'reconciliations:read'> = (context) => ({
  reconciliations: reconciliations(context),
})
export const reconciliationsRequest: Open<'reconciliations:request'> = (context) => ({
  reconciliations: reconciliations(context),
})
export const reconciliationsWrite: Open<'reconciliations:write'> = (context) => ({
  reconciliations: reconciliations(context),
})
export const refusalsCount: Open<'refusals:count'> = (context) => ({ refusals: createRefusalCounts(tables(context)) })
export const refusalsEnter: Open<'refusals:enter'> = (context) => ({ refusals: createRefusalCounts(tables(context)) })
export const reportsRecord: Open<'reports:record'> = openReportRecord
export const reportsRead: Open<'reports:read'> = openReportReading
export const reportsWrite: Open<'reports:write'> = openReportWriting
export const rolloutsRead: Open<'rollouts:read'> = (context) => ({ rollouts: createRolloutStore(writing(context)) })
export const rolloutsWrite: Open<'rollouts:write'> = (context) => ({ rollouts: createRolloutStore(writing(context)) })
export const runtimeObserve: Open<'runtime:observe'> = (context) => ({ runtime: cells(context).runtime })
export const runtimeProbe: Open<'runtime:probe'> = (context) => ({
  probe: createRouterProbe(routerQuestions(context)),
})
export const runtimeRead: Open<'runtime:read'> = (context) => {
  const { runtime, readTaskNews } = cells(context)
  return { runtime, readTaskNews }
}
export const runtimeRemove: Open<'runtime:remove'> = (context) => ({ runtime: cells(context).runtime })
const startingRuntime = async (context: CloudContext) => {
  const keyId = context.variable('ENTITLEMENT_KEY')
  const rootPublicKey = await createKmsRootSigner({ client: new KMSClient(clientSettings), keyId }).publicKey()
  return { runtime: cells(context).runtime, rootPublicKey }
}
export const runtimeRun: Open<'runtime:run'> = startingRuntime
export const runtimeStart: Open<'runtime:start'> = startingRuntime
export const runtimeStop: Open<'runtime:stop'> = (context) => ({ runtime: cells(context).runtime })
export const secretsRead: Open<'secrets:read'> = async (context) => ({
  secrets: createSiteSecrets({ siteSecretKey: await secrets(context).valueOf(context.variable('SITE_SECRET')) }),
})
/** Without `noteUse`: its functions may not write. */
export const sessionsRead: Open<'sessions:read'> = (context) => {
  const { find } = createSessionStore(tables(context))
  return { sessions: { find } }
}
export const sessionsWrite: Open<'sessions:write'> = (context) => ({ sessions: createSessionStore(tables(context)) })
export const signupMailsSend: Open<'signup-mails:send'> = async (context) => ({
  signups: createSignupStore(writing(context)),
  signupMails: createSignupMails(tables(context)),
  codeSecret: await secrets(context).valueOf(context.variable('CODE_SECRET')),
})
export const signupsWrite: Open<'signups:write'> = async (context) =>
  openSignups(context, await secrets(context).valueOf(context.variable('CODE_SECRET')))
export const sitesHistory: Open<'sites:history'> = (context) => ({ siteLists: createSiteLists(tables(context)) })
export const sitesList: Open<'sites:list'> = (context) => ({ siteLists: createSiteLists(tables(context)) })
export const sitesRead: Open<'sites:read'> = (context) => ({ sites: siteStore(context) })
export const sitesWrite: Open<'sites:write'> = (context) => ({
  sites: siteStore(context),
  idempotency: createIdempotencyStore(tables(context)),
})
export const storageMeasure: Open<'storage:measure'> = (context) => {
  const { wall } = context.clocks
  const measuring = createArchiverMeter({ ...archiver(context), archives: bucket(context), wall })
  return { meter: rememberingMeter(measuring, { ...tables(context), wall }) }
}
export const storagePrepare: Open<'storage:prepare'> = (context) => ({ storage: cells(context).storage })
export const storageRemove: Open<'storage:remove'> = (context) => ({ storage: cells(context).storage })
export const totalsCells: Open<'totals:cells'> = (context) => ({ cellCounts: createCellCounts(tables(context)) })
export const totalsPlace: Open<'totals:place'> = (context) => ({ cellCounts: createCellCounts(tables(context)) })
export const totalsRead: Open<'totals:read'> = (context) => ({
  totals: totals(context),
  cellCounts: createCellCounts(tables(context)),
})
export const totalsWrite: Open<'totals:write'> = (context) => ({ totals: totals(context) })
export const trialsAdmit: Open<'trials:admit'> = (context) => ({
  admission: createAdmission({
    ...context,
    ...waiting,
    totals: totals(context),
    cellCounts: createCellCounts(tables(context)),
    rateWindows: rateWindows(context),
    trialControls: trialControls(context),
    waitingList: waitingList(context),
  }),
})
export const trialsRead: Open<'trials:read'> = (context) => ({ trialControls: trialControls(context) })
export const trialsWrite: Open<'trials:write'> = (context) => ({ trialControls: trialControls(context) })
const summaryLinks = (context: CloudContext) => ({ summaryLinks: createSummaryLinkStore(tables(context)) })
export const summaryLinksRead: Open<'summary-links:read'> = summaryLinks
export const summaryLinksWrite: Open<'summary-links:write'> = summaryLinks
export const usageRead: Open<'usage:read'> = (context) => ({ usage: createUsageStore(tables(context)) })
export const visitsCount: Open<'visits:count'> = openVisitCounts
export const waitingListRead: Open<'waiting-list:read'> = (context) => ({ waitingList: waitingList(context) })
export const waitingListWrite: Open<'waiting-list:write'> = (context) => ({ waitingList: waitingList(context) })
export const webhooksManage: Open<'webhooks:manage'> = (context) => openWebhookManagement(context, secrets(context))
export const webhooksSend: Open<'webhooks:send'> = (context) => openWebhookSending(context, secrets(context))
export const workflowsStart: Open<'workflows:start'> = ({ variable }) => ({
  workflows: createStepFunctions({
    client: new SFNClient(clientSettings),
    machineArnPrefix: variable('STATE_MACHINE_PREFIX'),
  }),
})

/** For functions behind the API: what CloudFront shows, read before the first request. */
export const origin = async (context: CloudContext) => {
  const originSecrets = openOriginSecrets(context, secrets(context))
  await originSecrets()
  return { originSecrets }
}
