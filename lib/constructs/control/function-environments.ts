import type { FunctionEnvironment } from '../../../cloud/environments.ts'
import { routerLabel } from '../../../cloud/names.ts'
import type { FunctionName } from '../../../lambdas/manifest.ts'
import type { Place } from './permissions/place.ts'

type Environments = { readonly [Name in FunctionName]: FunctionEnvironment<Name> }

/** What each function reads from its environment; a variable that its schema asks for and that is not here does not compile. */
export const functionEnvironments = ({
  names,
  stageName,
  sitesDomain,
  mailFrom,
  arn,
  secretArn,
  archiveBucket,
  dataKeyArn,
  operators,
  customDomains,
}: Place): Environments => {
  const common = { STAGE: stageName, LOG_LEVEL: 'info' } as const
  const store = { ...common, TABLES: names.tables }
  const mail = { MAIL_FROM: mailFrom, MAIL_CONFIGURATION: names.mailConfiguration }
  const workflows = { STATE_MACHINE_PREFIX: arn('states', `stateMachine:${names.stateMachine('')}`) }
  const cells = { CELL_PARAMETERS: names.cellParameters }
  const probe = { ROUTER_URL: `https://${routerLabel}.${sitesDomain}`, PROBE_SECRET: secretArn('probe') }
  const launch = {
    SITE_SECRET: secretArn('sites'),
    ENTITLEMENT_KEY: names.entitlementKey,
    PARAMETER_KEY: dataKeyArn,
  }
  const archiver = { ...store, ...cells, ARCHIVE_BUCKET: archiveBucket.name }
  const domains = {
    DOMAIN_DISTRIBUTION: customDomains.distributionId,
    DOMAIN_CONNECTION_GROUP: customDomains.connectionGroupId,
  }
  const http = { ORIGIN_SECRET: secretArn('origin') }
  const stripe = { STRIPE_SECRET: secretArn('stripe') }
  return {
    'public-api': { ...store, ...mail, ...http, CODE_SECRET: secretArn('codes') },
    'owner-api': { ...store, ...http, ...workflows, ...stripe, ARCHIVE_BUCKET: archiveBucket.name },
    'stripe-webhook': { ...store, ...http, STRIPE_WEBHOOK_SECRET: secretArn('stripe-webhook') },
    'operator-api': {
      ...store,
      ...http,
      ...workflows,
      OPERATOR_ISSUER: operators.issuer,
      OPERATOR_CLIENT: operators.clientId,
    },
    'prepare-storage': { ...store, ...cells },
    'start-site': { ...store, ...cells, ...launch },
    'await-site': { ...store, ...cells, ...probe },
    'open-site': store,
    'fail-site': store,
    'remove-failed-site': { ...store, ...cells },
    'publish-events': { ...common, EVENT_BUS: names.bus },
    'mail-owner': { ...store, ...mail },
    'fill-pool': { ...store, ...workflows },
    'heal-builds': { ...store, ...workflows },
    'reconcile-sites': { ...store, ...cells, ...launch, ...probe, ...workflows },
    'converge-billing': { ...store, ...workflows, ...stripe },
    'reconcile-billing': { ...store, ...workflows, ...stripe },
    'suspend-due-site': { ...store, ...stripe },
    'stop-site': { ...store, ...cells },
    'finish-operation': store,
    'fail-operation': archiver,
    'copy-data': archiver,
    'verify-copy': archiver,
    'archive-due-site': { ...archiver, ...stripe },
    'release-data': archiver,
    'restore-data': archiver,
    'start-restored': { ...store, ...cells, ...launch },
    'open-restored': { ...store, ...cells, ...probe },
    'purge-due-site': { ...store, ...stripe },
    'remove-remains': archiver,
    'pause-site': store,
    'unpause-site': { ...store, ...cells, ...launch, ...probe },
    'make-way': { ...store, ...cells },
    'move-to-size': { ...store, ...cells, ...launch, ...probe },
    'leave-old-size': { ...store, ...cells, ...launch },
    'fail-resize': { ...store, ...cells, ...launch, ...probe },
    'follow-plan': { ...store, ...workflows },
    'check-domains': { ...store, ...domains },
    'follow-site-domains': store,
    'mail-domain': { ...store, ...mail },
    'withdraw-domain': { ...store, ...domains },
    'record-owner-copy': archiver,
    'start-again': { ...store, ...cells, ...launch, ...probe },
    'act-on-deadlines': { ...store, ...workflows },
    'admit-waiting': { ...store, ...mail },
    'count-sites': store,
    'complete-jobs': archiver,
    'meter-storage': { ...archiver, ...workflows },
    'clear-leftovers': archiver,
    'heal-operations': { ...store, ...workflows },
    'follow-task': { ...store, ...cells, ...probe },
  }
}
