import { indexes } from '../../../../adapters/dynamodb/tables.ts'
import type { FunctionEntry } from '../../../../lambdas/manifest/function-entry.ts'
import { machineNames } from '../machine-names.ts'
import { archiverPermissions } from './archiver-permissions.ts'
import { domainPermissions } from './domain-permissions.ts'
import type { Grant } from './grant.ts'
import { itemGrants } from './item-grants.ts'
import type { Permission } from './permission.ts'
import type { Place } from './place.ts'
import { runtimePermissions } from './runtime-permissions.ts'
import { storePermissions } from './store-permissions.ts'

const readSecret = (place: Place, name: Parameters<Place['secretArn']>[0]): Grant => ({
  actions: ['secretsmanager:GetSecretValue'],
  resources: [place.secretArn(name)],
})

/** Besides the items: what of AWS each permission reaches. Every permission of the manifest has its line. */
const servicePermissions = (place: Place): Readonly<Record<Permission, readonly Grant[]>> => {
  const { names, arn } = place
  const index = (name: string): string => arn('dynamodb', `table/${names.tables}/index/${name}`)
  return {
    ...runtimePermissions(place),
    ...archiverPermissions(place),
    'accounts:read': [],
    'accounts:write': [],
    'blueprints:read': [],
    'brake:read': [],
    'brake:write': [],
    'domains:read': [],
    'domains:serve': domainPermissions(place),
    'domains:write': [],
    'pace:take': [],
    'payments:call': [readSecret(place, 'stripe')],
    'payments:note': [readSecret(place, 'stripe-webhook')],
    'quarantine:write': [],
    'totals:read': [],
    'totals:write': [],
    'bus:publish': [{ actions: ['events:PutEvents'], resources: [arn('events', `event-bus/${names.bus}`)] }],
    'mail:send': [
      {
        actions: ['ses:SendEmail'],
        resources: [
          arn('ses', `identity/${place.mailFrom.slice(place.mailFrom.indexOf('@') + 1)}`),
          arn('ses', `configuration-set/${names.mailConfiguration}`),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': place.mailFrom } },
      },
    ],
    'rate-windows:read': [],
    'rate-windows:write': [],
    'reconciliations:read': [],
    'reconciliations:request': [],
    'reconciliations:write': [],
    'trials:read': [],
    'trials:write': [],
    'waiting-list:read': [],
    'waiting-list:write': [],
    'secrets:read': [readSecret(place, 'sites')],
    'sessions:read': [],
    'sessions:write': [],
    'signups:write': [readSecret(place, 'codes')],
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
    'sites:write': [],
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
export const functionGrants = (place: Place, { kind, permissions }: FunctionEntry): readonly Grant[] => {
  const services = servicePermissions(place)
  return [
    ...itemGrants(
      place,
      permissions.flatMap((permission) => storePermissions[permission] ?? []),
    ),
    ...permissions.flatMap((permission) => services[permission]),
    ...(kind === 'http' ? [readSecret(place, 'origin')] : []),
  ]
}
