import { ECRClient } from '@aws-sdk/client-ecr'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SFNClient } from '@aws-sdk/client-sfn'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createSiteSecrets } from '../adapters/derived-secrets/derive-secret.ts'
import { createCellCounts } from '../adapters/dynamodb/cell-counts.ts'
import { createSiteTotals } from '../adapters/dynamodb/site-totals.ts'
import { createSiteImages } from '../adapters/ecr/site-images.ts'
import { createArchiverMeter, createStorageReadings, rememberedMeter } from '../adapters/ecs/archiver-meter.ts'
import { createEventBridgeBus } from '../adapters/eventbridge/event-bus.ts'
import { freeMailDomains } from '../adapters/free-mail/free-mail-domains.ts'
import { createKmsRootSigner } from '../adapters/kms/kms-root-signer.ts'
import { createKmsSealedSecrets } from '../adapters/kms/kms-sealed-secrets.ts'
import { createRouterHooks } from '../adapters/router-probe/router-hooks.ts'
import { createRouterProbe } from '../adapters/router-probe/router-probe.ts'
import { createS3ArchiveLinks } from '../adapters/s3/archive-links.ts'
import { createArchiveBucket } from '../adapters/s3/archive-store.ts'
import { createSecrets } from '../adapters/secrets-manager/secrets.ts'
import { createUnpublishedRecords } from '../adapters/sqs/unpublished-records.ts'
import { createStepFunctions } from '../adapters/stepfunctions/step-functions.ts'
import { eventSource } from '../core/events/event-names.ts'
import type { PlatformPorts } from '../lambdas/_runtime/ports.ts'
import { createAccountStore } from '../lambdas/accounts/store.ts'
import { billingFromStripe } from '../lambdas/billing/ask-billing.ts'
import { createCheckouts } from '../lambdas/billing/store.ts'
import { createRateWindows } from '../lambdas/rate-limits/store.ts'
import { paceFromStore } from '../lambdas/trials/pull-brake.ts'
import { createBrakeStore } from '../lambdas/trials/store.ts'
import { createAdmission } from '../lambdas/trials/waiting-list/admit-trials.ts'
import { createTrialControls, createWaitingList } from '../lambdas/trials/waiting-list/store.ts'
import { type CloudContext, oncePerContext, tables } from './context.ts'
import { openArchiver, openAwaitedJobs, openCells, openLeftovers, openOwnSoftware } from './parts/cells.ts'
import { clientSettings } from './parts/client-settings.ts'
import { openDomainChecks, openTenants } from './parts/custom-domains.ts'
import { openMailer, openSentMail, openSignups, openWebhookManagement, openWebhookSending } from './parts/messages.ts'
import { openHostedSignIn, openVerifiedOperators } from './parts/operators.ts'
import { openPayments, openWebhookSignatures } from './parts/payments.ts'
import { openReportReading, openReportWriting } from './parts/reports.ts'
import { openCodeSecret, openOriginSecrets } from './parts/rotated-secrets.ts'
import { waiting } from './parts/waiting.ts'

// What functions use on AWS besides the tables. Each capability is an export of its own: the bundle of a function holds those
// that it uses, and nothing of the others.

type Open<Name extends keyof PlatformPorts> = (
  context: CloudContext,
) => PlatformPorts[Name] | Promise<PlatformPorts[Name]>

const secrets = oncePerContext(() => createSecrets({ client: new SecretsManagerClient(clientSettings) }))
const sealedSecrets = oncePerContext((context) =>
  createKmsSealedSecrets({ client: new KMSClient(clientSettings), keyId: context.variable('PARAMETER_KEY') }),
)
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
const totals = oncePerContext((context) => createSiteTotals(tables(context)))

/** Imported with it alone: few functions need the list. */
export const accountsOpen: Open<'accounts:open'> = () => ({ freeMailDomains })
export const apiDescribe: Open<'api:describe'> = ({ consoleUrl }) => ({
  describeApi: async () => (await import('../lambdas/http/openapi.ts')).openApiDocument(consoleUrl),
})
export const archiverRun: Open<'archiver:run'> = (context) => archiver(context)
const archiveLinks = (context: CloudContext) =>
  createS3ArchiveLinks({
    client: new S3Client(clientSettings),
    bucket: context.variable('ARCHIVE_BUCKET'),
    wall: context.clocks.wall,
  })
export const archivesLink: Open<'archives:link'> = (context) => ({ archiveLinks: archiveLinks(context) })
export const archivesList: Open<'archives:list'> = (context) => ({ archives: bucket(context) })
export const archivesRemove: Open<'archives:remove'> = (context) => ({ archives: bucket(context) })
export const archivesUpload: Open<'archives:upload'> = (context) => ({ archiveUploads: archiveLinks(context) })
export const busPublish: Open<'bus:publish'> = (context) => ({
  bus: createEventBridgeBus({
    client: new EventBridgeClient(clientSettings),
    busName: context.variable('EVENT_BUS'),
    source: eventSource,
  }),
  unpublishedRecords: createUnpublishedRecords({
    client: new SQSClient(clientSettings),
    queueUrl: context.variable('UNPUBLISHED_QUEUE'),
  }),
})
export const domainsCheck: Open<'domains:check'> = (context) => openDomainChecks(context)
export const domainsServe: Open<'domains:serve'> = (context) => openTenants(context)
export const hooksCall: Open<'hooks:call'> = (context) => ({ hooks: createRouterHooks(routerQuestions(context)) })
export const jobsComplete: Open<'jobs:complete'> = (context) => openAwaitedJobs(context, bucket(context))
export const leftoversRemove: Open<'leftovers:remove'> = (context) => ({ leftovers: openLeftovers(context) })
export const mailFind: Open<'mail:find'> = (context) => ({ sentMails: openSentMail(context) })
export const mailSend: Open<'mail:send'> = openMailer
export const operatorsSignIn: Open<'operators:sign-in'> = async (context) => ({
  operatorSignIn: await openHostedSignIn(context),
})
export const operatorsVerify: Open<'operators:verify'> = (context) => openVerifiedOperators(context)
/** SES keeps no mail, and the memory of sent messages holds ids alone. */
export const peopleErase: Open<'people:erase'> = () => ({ personalFiles: { erase: async () => true } })
/** One pace for the whole installation. */
export const paceTake: Open<'pace:take'> = (context) => ({
  pace: paceFromStore({ ...context, brakes: createBrakeStore(tables(context)), totals: totals(context) }),
})
export const paymentsCall: Open<'payments:call'> = (context) => {
  const payments = openPayments(context, secrets(context))
  return {
    payments,
    billing: billingFromStripe({
      ...{ ...context, payments, accounts: createAccountStore(tables(context)) },
      checkouts: createCheckouts(tables(context)),
    }),
  }
}
export const paymentsNote: Open<'payments:note'> = async (context) => ({
  webhookSignatures: await openWebhookSignatures(context, secrets(context)),
})
export const readingsRead: Open<'readings:read'> = (context) => ({ meter: rememberedMeter(tables(context)) })
export const reportsRead: Open<'reports:read'> = openReportReading
export const reportsWrite: Open<'reports:write'> = openReportWriting
export const runtimeObserve: Open<'runtime:observe'> = (context) => ({ runtime: cells(context).runtime })
export const runtimeProbe: Open<'runtime:probe'> = (context) => ({ probe: createRouterProbe(routerQuestions(context)) })
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
export const secretsOpen: Open<'secrets:open'> = (context) => ({ secretOpener: sealedSecrets(context) })
export const secretsSeal: Open<'secrets:seal'> = (context) => ({ secretSealer: sealedSecrets(context) })
export const signupMailsSend: Open<'signup-mails:send'> = async (context) => ({
  codeSecret: await openCodeSecret(context, secrets(context)),
})
export const signupsWrite: Open<'signups:write'> = (context) => openSignups(context, secrets(context))
export const imagesRequire: Open<'images:require'> = () => ({ images: createSiteImages(new ECRClient(clientSettings)) })
export const softwareOwn: Open<'software:own'> = openOwnSoftware
export const softwareRemove: Open<'software:remove'> = openOwnSoftware
export const storageMeasure: Open<'storage:measure'> = (context) => {
  const readings = createStorageReadings(tables(context))
  const { wall } = context.clocks
  return { meter: createArchiverMeter({ ...archiver(context), archives: bucket(context), readings, wall }) }
}
export const storagePrepare: Open<'storage:prepare'> = (context) => ({ storage: cells(context).storage })
export const storageRemove: Open<'storage:remove'> = (context) => ({ storage: cells(context).storage })
export const trialsAdmit: Open<'trials:admit'> = (context) => ({
  admission: createAdmission({
    ...context,
    ...waiting,
    totals: totals(context),
    cellCounts: createCellCounts(tables(context)),
    rateWindows: createRateWindows(tables(context)),
    trialControls: createTrialControls(tables(context)),
    waitingList: createWaitingList(tables(context)),
  }),
})
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
