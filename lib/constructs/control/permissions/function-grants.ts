import type { IndexGrant, ItemGrant } from '../../../../adapters/dynamodb/access.ts'
import { indexes, tablesOf } from '../../../../adapters/dynamodb/tables.ts'
import { sealingPurpose } from '../../../../core/blueprint/variables.ts'
import { mailDomainOf, senderIn } from '../../../../core/email.ts'
import type { AnyFunction } from '../../../../lambdas/_runtime/define-function.ts'
import type { Capability, TablePorts } from '../../../../lambdas/_runtime/ports.ts'
import { isHttp, machineNames, tableAccess } from '../../../../lambdas/manifest.ts'
import type { Grant } from './grant.ts'
import { runtimePermissions } from './runtime-permissions.ts'
import { archiverPermissions, domainPermissions, onReports } from './service-permissions.ts'
import type { Surroundings } from './surroundings.ts'

const readSecret = (surroundings: Surroundings, name: Parameters<Surroundings['secretArn']>[0]): Grant => ({
  actions: ['secretsmanager:GetSecretValue'],
  resources: [surroundings.secretArn(name)],
})

/** The permissions on values that are sealed for sites, and on nothing else that the key encrypts. */
const useSealingKey = ({ dataKeyArn }: Surroundings, action: string): Grant => ({
  actions: [action],
  resources: [dataKeyArn],
  conditions: { StringEquals: { 'kms:EncryptionContext:purpose': sealingPurpose } },
})

/** The permissions on repositories of accounts' software; adapters/ecr uses them. Pushing itself is another role's. */
const ownSoftwarePermissions = ({ names, arn, globalArn }: Surroundings): readonly Grant[] => [
  {
    actions: [
      'ecr:BatchDeleteImage',
      'ecr:BatchGetImage',
      'ecr:CreateRepository',
      'ecr:GetDownloadUrlForLayer',
      'ecr:DescribeImages',
      'ecr:TagResource',
    ],
    resources: [arn('ecr', `repository/${names.ownRepository('*')}`)],
    because: 'Each site with software of its own has a repository.',
  },
  { actions: ['sts:AssumeRole'], resources: [globalArn('iam', `role/${names.pushRole}`)] },
]

/** Every capability without items must have an entry here. */
type ServicePermissions = Readonly<Partial<Record<Capability, readonly Grant[]>>> &
  Readonly<Record<Exclude<Capability, keyof TablePorts>, readonly Grant[]>>

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
      { actions: ['cognito-idp:AdminGetUser', 'cognito-idp:AdminListGroupsForUser'], resources: [operatorPool] },
    ],
    'payments:call': [readSecret(surroundings, 'stripe')],
    'payments:note': [readSecret(surroundings, 'stripe-webhook')],
    'bus:publish': [
      { actions: ['events:PutEvents'], resources: [arn('events', `event-bus/${names.bus}`)] },
      { actions: ['sqs:SendMessage'], resources: [arn('sqs', names.deadLetters('unpublished'))] },
    ],
    'mail:send': [
      {
        actions: ['ses:SendEmail'],
        resources: [
          arn('ses', `identity/${mailDomainOf(senderIn(surroundings.mailFrom).address)}`),
          arn('ses', `configuration-set/${names.mailConfiguration}`),
        ],
        // Not the one address: until a deploy has ended, the former version sends from the former one.
        conditions: { StringLike: { 'ses:FromAddress': `*@${mailDomainOf(senderIn(surroundings.mailFrom).address)}` } },
      },
    ],
    'images:require': [
      {
        actions: ['ecr:DescribeImages'],
        resources: [names.blueprintRepository, names.ownRepository('*')].map((name) =>
          arn('ecr', `repository/${name}`),
        ),
        because: 'Each site with software of its own has a repository.',
      },
    ],
    'hooks:call': [readSecret(surroundings, 'probe')],
    'reports:read': onReports(surroundings, ['s3:GetObject'], 'kms:Decrypt'),
    'reports:write': onReports(
      surroundings,
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      'kms:Decrypt',
      'kms:GenerateDataKey',
    ),
    'accounts:open': [],
    'api:describe': [],
    'trials:admit': [],
    'secrets:open': [useSealingKey(surroundings, 'kms:Decrypt')],
    'secrets:read': [readSecret(surroundings, 'sites')],
    'secrets:seal': [useSealingKey(surroundings, 'kms:Encrypt')],
    'signup-mails:send': [readSecret(surroundings, 'codes')],
    'signups:write': [readSecret(surroundings, 'codes')],
    'software:own': ownSoftwarePermissions(surroundings),
    'software:remove': [
      {
        actions: ['ecr:DeleteRepository'],
        resources: [arn('ecr', `repository/${names.ownRepository('*')}`)],
        because: 'Each site with software of its own has a repository.',
      },
    ],
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

/**
 * One statement for each table and action with all its prefixes: IAM may evaluate a transaction item by item, or by all its
 * keys of a table at once, and this allows both. No function scans, so there is always
 * a partition key to check.
 */
const itemGrants = (
  { names, arn }: Pick<Surroundings, 'names' | 'arn'>,
  grants: readonly ItemGrant[],
): readonly Grant[] => {
  const tables = tablesOf(names.tables)
  const patternsBy = new Map<string, { table: ItemGrant['table']; action: string; patterns: Set<string> }>()
  for (const { table, actions, prefixes, keys = [] } of grants) {
    for (const action of actions) {
      const entry = patternsBy.get(`${table} ${action}`) ?? { table, action, patterns: new Set() }
      for (const pattern of [...prefixes.map((prefix) => `${prefix}#*`), ...keys]) entry.patterns.add(pattern)
      patternsBy.set(`${table} ${action}`, entry)
    }
  }
  return [...patternsBy.values()].map(({ table, action, patterns }) => ({
    actions: [`dynamodb:${action}`],
    resources: [arn('dynamodb', `table/${tables[table]}`)],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns].toSorted() } },
  }))
}

const queryGrant = ({ names, arn }: Surroundings, { indexes: queried, prefixes }: IndexGrant): Grant => ({
  actions: ['dynamodb:Query'],
  resources: queried.map((index) => arn('dynamodb', `table/${names.tables}/index/${indexes[index].name}`)),
  ...(prefixes.length > 0 && {
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes.map((prefix) => `${prefix}#*`) } },
  }),
})

export const functionGrants = (surroundings: Surroundings, definition: AnyFunction): readonly Grant[] => {
  const services = servicePermissions(surroundings)
  const onTables = (use: Capability) => tableAccess.get(use)?.grants ?? []
  return [
    ...itemGrants(
      surroundings,
      definition.uses.flatMap((use) => onTables(use).filter((grant) => 'table' in grant)),
    ),
    ...definition.uses.flatMap((use) => [
      ...(services[use] ?? []),
      ...onTables(use).flatMap((grant) => ('indexes' in grant ? [queryGrant(surroundings, grant)] : [])),
    ]),
    ...(isHttp(definition) ? [readSecret(surroundings, 'origin')] : []),
  ]
}
