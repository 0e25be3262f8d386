import { routerLabel } from '../../../cloud/names.ts'
import type { Variable } from '../../../cloud/variables.ts'
import type { Surroundings } from './permissions/surroundings.ts'

/** The value of each variable that a function may read. */
export const variableValues = ({
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
}: Surroundings): Readonly<Record<Exclude<Variable, 'PORT'>, string>> => ({
  ARCHIVE_BUCKET: archiveBucket.name,
  CELL_PARAMETERS: names.cellParameters,
  CODE_SECRET: secretArn('codes'),
  DOMAIN_CONNECTION_GROUP: customDomains.connectionGroupId,
  DOMAIN_DISTRIBUTION: customDomains.distributionId,
  ENTITLEMENT_KEY: names.entitlementKey,
  EVENT_BUS: names.bus,
  LOG_LEVEL: 'info',
  MAIL_CONFIGURATION: names.mailConfiguration,
  MAIL_FROM: mailFrom,
  OPERATOR_CLIENT: operators.clientId,
  OPERATOR_ISSUER: operators.issuer,
  ORIGIN_SECRET: secretArn('origin'),
  PARAMETER_KEY: dataKeyArn,
  PROBE_SECRET: secretArn('probe'),
  ROUTER_URL: `https://${routerLabel}.${sitesDomain}`,
  SITE_SECRET: secretArn('sites'),
  STAGE: stageName,
  STATE_MACHINE_PREFIX: arn('states', `stateMachine:${names.stateMachine('')}`),
  STRIPE_SECRET: secretArn('stripe'),
  STRIPE_WEBHOOK_SECRET: secretArn('stripe-webhook'),
  TABLES: names.tables,
})
