import { indexes } from '../../../../adapters/dynamodb/tables.ts'
import type { AnyFunction } from '../../../../lambdas/_runtime/define-function.ts'
import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import { isHttp, machineNames } from '../../../../lambdas/manifest.ts'
import { archiverPermissions } from './archiver-permissions.ts'
import { domainPermissions } from './domain-permissions.ts'
import type { Grant } from './grant.ts'
import { itemGrants } from './item-grants.ts'
import { runtimePermissions } from './runtime-permissions.ts'
import { storePermissions } from './store-permissions.ts'
import type { Surroundings } from './surroundings.ts'

const readSecret = (surroundings: Surroundings, name: Parameters<Surroundings['secretArn']>[0]): Grant => ({
  actions: ['secretsmanager:GetSecretValue'],
  resources: [surroundings.secretArn(name)],
})

/** Besides the items: what of AWS each permission reaches. Every permission of the manifest has its line. */
const servicePermissions = (surroundings: Surroundings): Readonly<Record<Capability, readonly Grant[]>> => {
  const { names, arn } = surroundings
  const archiving = archiverPermissions(surroundings)
  const index = (name: string): string => arn('dynamodb', `table/${names.tables}/index/${name}`)
  return {
    ...runtimePermissions(surroundings),
    ...archiving,
    'accounts:read': [],
    'accounts:write': [],
    'blueprints:read': [],
    'brake:read': [],
    'brake:write': [],
    'domains:check': [],
    'domains:read': [],
    'domains:serve': domainPermissions(surroundings),
    'domains:write': [],
    'operators:verify': [],
    'pace:take': [],
    'payments:call': [readSecret(surroundings, 'stripe')],
    'payments:note': [readSecret(surroundings, 'stripe-webhook')],
    'quarantine:write': [],
    'totals:read': [],
    'totals:write': [],
    'bus:publish': [{ actions: ['events:PutEvents'], resources: [arn('events', `event-bus/${names.bus}`)] }],
    'mail:send': [
      {
        actions: ['ses:SendEmail'],
        resources: [
          arn('ses', `identity/${surroundings.mailFrom.slice(surroundings.mailFrom.indexOf('@') + 1)}`),
          arn('ses', `configuration-set/${names.mailConfiguration}`),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': surroundings.mailFrom } },
      },
    ],
    'rate-windows:read': [],
    'rate-windows:write': [],
    'readings:read': [],
    'reconciliations:read': [],
    'reconciliations:request': [],
    'reconciliations:write': [],
    'trials:admit': [],
    'trials:read': [],
    'trials:write': [],
    'waiting-list:read': [],
    'waiting-list:write': [],
    'secrets:read': [readSecret(surroundings, 'sites')],
    'sessions:read': [],
    'sessions:write': [],
    'signups:write': [readSecret(surroundings, 'codes')],
    'sites:read': [
      {
        actions: ['dynamodb:Query'],
        resources: [
          index(indexes.byAccount.name),
          index(indexes.byStatus.name),
          index(indexes.readyPool.name),
          index(indexes.due.name),
        ],
      },
    ],
    'sites:list': [],
    'sites:write': [],
    'storage:measure': [...archiving['archiver:run'], ...archiving['archives:remove']],
    'workflows:start': [
      {
        actions: ['states:StartExecution'],
        resources: machineNames.map((machine) => arn('states', `stateMachine:${names.stateMachine(machine)}`)),
      },
      {
        actions: ['states:DescribeExecution'],
        resources: machineNames.map((machine) => arn('states', `execution:${names.stateMachine(machine)}:*`)),
        because: 'Every execution has a name of its own.',
      },
    ],
  }
}

/** Everything that a function of the manifest may do. */
export const functionGrants = (surroundings: Surroundings, definition: AnyFunction): readonly Grant[] => {
  const services = servicePermissions(surroundings)
  return [
    ...itemGrants(
      surroundings,
      definition.uses.flatMap((capability) => storePermissions[capability] ?? []),
    ),
    ...definition.uses.flatMap((capability) => services[capability]),
    ...(isHttp(definition) ? [readSecret(surroundings, 'origin')] : []),
  ]
}
