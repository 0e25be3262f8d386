import * as z from 'zod'
import { senderSchema } from '../core/email.ts'
import type { AnyFunction } from '../lambdas/_runtime/define-function.ts'
import type { Capability } from '../lambdas/_runtime/ports.ts'

const arn = () => z.string().startsWith('arn:')
const text = () => z.string().min(1)

/** Every variable that a function or a router may read, and what is a valid value. */
const schemas = {
  ARCHIVE_BUCKET: () => z.string().min(3),
  CELL_PARAMETERS: () => z.string().startsWith('/'),
  CODE_SECRET: arn,
  DOMAIN_CONNECTION_GROUP: text,
  DOMAIN_DISTRIBUTION: text,
  DOMAIN_ENDPOINT: text,
  ENTITLEMENT_KEY: text,
  EVENT_BUS: text,
  LOG_LEVEL: () => z.enum(['debug', 'info', 'warn', 'error']),
  MAIL_CONFIGURATION: text,
  MAIL_FROM: () => senderSchema,
  OPERATOR_CLIENT: text,
  OPERATOR_DOMAIN: () => z.url({ protocol: /^https$/ }),
  OPERATOR_ISSUER: () => z.url({ protocol: /^https$/ }),
  OPERATOR_POOL: text,
  ORIGIN_SECRET: arn,
  PARAMETER_KEY: arn,
  PORT: () => z.coerce.number().int().min(1).max(65_535),
  PROBE_SECRET: arn,
  PUSH_ROLE: arn,
  REPORT_BUCKET: () => z.string().min(3),
  ROUTER_URL: () => z.url({ protocol: /^https?$/ }),
  SITE_SECRET: arn,
  STAGE: text,
  STATE_MACHINE_PREFIX: arn,
  STRIPE_SECRET: arn,
  STRIPE_WEBHOOK_SECRET: arn,
  TABLES: () => z.string().min(3),
  UNPUBLISHED_QUEUE: () => z.url({ protocol: /^https?$/ }),
  WEBHOOK_SECRET: arn,
} as const

export type Variable = keyof typeof schemas
export type Environment<Name extends Variable> = { readonly [One in Name]: z.output<ReturnType<(typeof schemas)[One]>> }

/** What a capability needs besides the tables. One that is not here needs no more. */
const variables: Readonly<Partial<Record<Capability, readonly Variable[]>>> = {
  'archiver:run': ['CELL_PARAMETERS', 'ARCHIVE_BUCKET'],
  'archives:link': ['ARCHIVE_BUCKET'],
  'archives:list': ['ARCHIVE_BUCKET'],
  'archives:remove': ['ARCHIVE_BUCKET'],
  'archives:upload': ['ARCHIVE_BUCKET'],
  'bus:publish': ['EVENT_BUS', 'UNPUBLISHED_QUEUE'],
  'domains:check': ['DOMAIN_ENDPOINT', 'ENTITLEMENT_KEY'],
  'domains:serve': ['DOMAIN_DISTRIBUTION', 'DOMAIN_CONNECTION_GROUP'],
  'hooks:call': ['ROUTER_URL', 'PROBE_SECRET'],
  'jobs:complete': ['CELL_PARAMETERS', 'ARCHIVE_BUCKET'],
  'mail:send': ['MAIL_FROM', 'MAIL_CONFIGURATION'],
  'operators:sign-in': ['OPERATOR_ISSUER', 'OPERATOR_CLIENT', 'OPERATOR_POOL', 'OPERATOR_DOMAIN'],
  'operators:verify': ['OPERATOR_ISSUER', 'OPERATOR_CLIENT', 'OPERATOR_POOL'],
  'payments:call': ['STRIPE_SECRET'],
  'payments:note': ['STRIPE_WEBHOOK_SECRET'],
  'reports:read': ['REPORT_BUCKET'],
  'reports:write': ['REPORT_BUCKET'],
  'runtime:observe': ['CELL_PARAMETERS'],
  'runtime:probe': ['ROUTER_URL', 'PROBE_SECRET'],
  'runtime:read': ['CELL_PARAMETERS'],
  'runtime:remove': ['CELL_PARAMETERS'],
  'runtime:stop': ['CELL_PARAMETERS'],
  'runtime:run': ['CELL_PARAMETERS', 'ENTITLEMENT_KEY', 'PARAMETER_KEY'],
  'runtime:start': ['CELL_PARAMETERS', 'ENTITLEMENT_KEY', 'PARAMETER_KEY'],
  'secrets:open': ['PARAMETER_KEY'],
  'secrets:read': ['SITE_SECRET'],
  'secrets:seal': ['PARAMETER_KEY'],
  'signup-mails:send': ['CODE_SECRET'],
  'signups:write': ['CODE_SECRET'],
  'software:own': ['PUSH_ROLE'],
  'software:remove': ['PUSH_ROLE'],
  'storage:measure': ['CELL_PARAMETERS', 'ARCHIVE_BUCKET'],
  'storage:prepare': ['CELL_PARAMETERS'],
  'storage:remove': ['CELL_PARAMETERS'],
  'webhooks:manage': ['WEBHOOK_SECRET'],
  'webhooks:send': ['WEBHOOK_SECRET'],
  'workflows:start': ['STATE_MACHINE_PREFIX'],
}

export const variablesOf = ({ uses, triggers }: Pick<AnyFunction, 'uses' | 'triggers'>): readonly Variable[] => {
  const isBehindApi = triggers.some((trigger) => 'operations' in trigger)
  const needsTables = uses.some((capability) => capability !== 'bus:publish')
  const all = [
    'STAGE' as const,
    'LOG_LEVEL' as const,
    ...(needsTables ? (['TABLES'] as const) : []),
    ...(isBehindApi ? (['ORIGIN_SECRET'] as const) : []),
    ...uses.flatMap((capability) => variables[capability] ?? []),
  ]
  return [...new Set(all)]
}

/** What a router, which is no function, reads from its environment. */
export const routerVariables = [
  'STAGE',
  'LOG_LEVEL',
  'TABLES',
  'ENTITLEMENT_KEY',
  'PROBE_SECRET',
  'ORIGIN_SECRET',
  'PORT',
] as const satisfies readonly Variable[]
export type RouterVariable = (typeof routerVariables)[number]

const hasAll = <Name extends Variable>(data: object, names: readonly Name[]): data is Environment<Name> =>
  names.every((name) => name in data)

/** Reads variables. @throws {Error} naming each variable that is missing or wrong; never its value. */
export const readEnvironment = <Name extends Variable>(
  names: readonly Name[],
  source: Readonly<Record<string, string | undefined>> = process.env,
): Environment<Name> => {
  const shape = Object.fromEntries(names.map((name) => [name, schemas[name]()]))
  const { data, error } = z.object(shape).safeParse(source)
  if (data !== undefined && hasAll(data, names)) return data
  const wrong = (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Error(`the environment is not valid: ${wrong.join('; ')}`)
}
