import type { IndexGrant, ItemGrant } from '../../../../adapters/dynamodb/access.ts'
import { indexes } from '../../../../adapters/dynamodb/tables.ts'
import { mailDomainOf, senderIn } from '../../../../core/email.ts'
import type { AnyFunction } from '../../../../lambdas/_runtime/define-function.ts'
import type { Capability, TablePorts } from '../../../../lambdas/_runtime/ports.ts'
import { isHttp, machineNames, tableAccess } from '../../../../lambdas/manifest.ts'
import { frontRegion } from '../../../deployment.ts'
import { archiverPermissions } from './archiver-permissions.ts'
import type { Grant } from './grant.ts'
import { reportPermissions } from './report-permissions.ts'
import { runtimePermissions, tagged } from './runtime-permissions.ts'
import { itemGrants, storePermissions } from './store-permissions.ts'
import type { Surroundings } from './surroundings.ts'

const ofDomains = 'AWS names the tenants and certificates of custom domains; tags limit it to ours where possible.'

/** The permissions to serve custom domains; adapters/cloudfront uses them, and CloudFront uses those of ACM on its behalf. */
const domainPermissions = (surroundings: Surroundings): readonly Grant[] => {
  const { globalArn } = surroundings
  const tenants = globalArn('cloudfront', 'distribution-tenant/*')
  return [
    {
      // It takes no resource.
      actions: ['cloudfront:CreateDistributionTenant'],
      resources: ['*'],
      conditions: tagged(surroundings, 'RequestTag'),
      because: ofDomains,
    },
    // It takes no resource either. Which tenants there are is no secret: DNS tells.
    { actions: ['cloudfront:ListDistributionTenants'], resources: ['*'], because: ofDomains },
    // A missing tenant has no tag: under a condition, CloudFront would deny access instead of saying that it is missing.
    { actions: ['cloudfront:GetDistributionTenant'], resources: [tenants], because: ofDomains },
    {
      actions: ['cloudfront:TagResource'],
      resources: [tenants],
      conditions: tagged(surroundings, 'RequestTag'),
      because: ofDomains,
    },
    {
      actions: [
        'cloudfront:UpdateDistributionTenant',
        'cloudfront:DeleteDistributionTenant',
        'cloudfront:GetManagedCertificateDetails',
      ],
      resources: [tenants],
      conditions: tagged(surroundings, 'ResourceTag'),
      because: ofDomains,
    },
    // It takes no resource.
    { actions: ['acm:RequestCertificate'], resources: ['*'], because: ofDomains },
    {
      actions: ['acm:DescribeCertificate'],
      resources: [surroundings.certificatesArn(frontRegion)],
      because: ofDomains,
    },
  ]
}

const readSecret = (surroundings: Surroundings, name: Parameters<Surroundings['secretArn']>[0]): Grant => ({
  actions: ['secretsmanager:GetSecretValue'],
  resources: [surroundings.secretArn(name)],
})

/** Every capability without items must have an entry here. */
type ServicePermissions = Readonly<Partial<Record<Capability, readonly Grant[]>>> &
  Readonly<Record<Exclude<Capability, keyof typeof storePermissions | keyof TablePorts>, readonly Grant[]>>

/** The AWS services that each capability uses besides the tables. */
const servicePermissions = (surroundings: Surroundings): ServicePermissions => {
  const { names, arn } = surroundings
  const archiving = archiverPermissions(surroundings)
  const operatorPool = arn('cognito-idp', `userpool/${surroundings.operators.poolId}`)
  return {
    ...runtimePermissions(surroundings),
    ...archiving,
    // It verifies what routers sign.
    'domains:check': [{ actions: ['kms:GetPublicKey'], resources: [surroundings.entitlementKeyArn] }],
    'domains:serve': domainPermissions(surroundings),
    // Only the function that signs operators in reads the secret of the app client.
    'operators:sign-in': [{ actions: ['cognito-idp:DescribeUserPoolClient'], resources: [operatorPool] }],
    'operators:verify': [
      {
        actions: ['cognito-idp:AdminGetUser', 'cognito-idp:AdminListGroupsForUser'],
        resources: [operatorPool],
      },
    ],
    'payments:call': [readSecret(surroundings, 'stripe')],
    'payments:note': [readSecret(surroundings, 'stripe-webhook')],
    'bus:publish': [{ actions: ['events:PutEvents'], resources: [arn('events', `event-bus/${names.bus}`)] }],
    'mail:send': [
      {
        actions: ['ses:SendEmail'],
        resources: [
          arn('ses', `identity/${mailDomainOf(senderIn(surroundings.mailFrom).address)}`),
          arn('ses', `configuration-set/${names.mailConfiguration}`),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': senderIn(surroundings.mailFrom).address } },
      },
    ],
    'hooks:call': [readSecret(surroundings, 'probe')],
    ...reportPermissions(surroundings),
    'api:describe': [],
    'trials:admit': [],
    'secrets:read': [readSecret(surroundings, 'sites')],
    'signup-mails:send': [readSecret(surroundings, 'codes')],
    'signups:write': [readSecret(surroundings, 'codes')],
    'storage:measure': [...archiving['archiver:run'], ...archiving['archives:remove']],
    'webhooks:manage': [readSecret(surroundings, 'webhooks')],
    'webhooks:send': [readSecret(surroundings, 'webhooks')],
    'workflows:start': [
      {
        actions: ['states:StartExecution'],
        resources: machineNames.map((machine) => arn('states', `stateMachine:${names.stateMachine(machine)}`)),
      },
      {
        actions: ['states:DescribeExecution'],
        resources: machineNames.map((machine) => arn('states', `execution:${names.stateMachine(machine)}:*`)),
        because: 'Every execution has its own name.',
      },
    ],
  }
}

const itemsOf: Readonly<Partial<Record<Capability, readonly ItemGrant[]>>> = storePermissions

const queryGrant = ({ names, arn }: Surroundings, { indexes: queried, prefixes }: IndexGrant): Grant => ({
  actions: ['dynamodb:Query'],
  resources: queried.map((index) => arn('dynamodb', `table/${names.tables}/index/${indexes[index].name}`)),
  ...(prefixes.length > 0 && {
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes.map((prefix) => `${prefix}#*`) } },
  }),
})

/** All permissions of a function. */
export const functionGrants = (surroundings: Surroundings, definition: AnyFunction): readonly Grant[] => {
  const services = servicePermissions(surroundings)
  const onTables = (use: Capability) => tableAccess.get(use)?.grants ?? []
  return [
    ...itemGrants(
      surroundings,
      definition.uses.flatMap((use) => [...(itemsOf[use] ?? []), ...onTables(use).filter((grant) => 'table' in grant)]),
    ),
    ...definition.uses.flatMap((use) => [
      ...(services[use] ?? []),
      ...onTables(use).flatMap((grant) => ('indexes' in grant ? [queryGrant(surroundings, grant)] : [])),
    ]),
    ...(isHttp(definition) ? [readSecret(surroundings, 'origin')] : []),
  ]
}
