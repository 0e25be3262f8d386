import { beforeAll, describe, expect, it } from 'vitest'
import { type Statement, statementsByRole } from '../support/statements.ts'
import { synthesise } from '../support/synthesise.ts'

/** Each role of every stack with what it is allowed. */
let roles: readonly (readonly [name: string, statements: readonly Statement[]])[]

beforeAll(async () => {
  const all = await synthesise()
  const prefix = all.names.stack('')
  roles = all.stacks.flatMap((stack) =>
    [...statementsByRole(all.template(stack.slice(prefix.length)))].map(
      ([name, statements]) => [name.replace(prefix, ''), statements] as const,
    ),
  )
})

interface Privilege {
  readonly action: RegExp
  /** On one of these resources; on any by default. */
  readonly on?: RegExp
  /** On items whose partition key begins so; on any by default. */
  readonly keys?: string
  /** Where KMS is asked for this purpose alone; for any by default. */
  readonly purpose?: string
}

const writing = /^dynamodb:(Put|Update|Delete)Item$/

const privileges = {
  'archive contents': { action: /^s3:GetObject$/, on: /\.tar\.zst$/ },
  'archive removal': { action: /^s3:DeleteObject$/, on: /archives/ },
  'audit log': { action: /^dynamodb:Query$/, keys: 'AUDIT' },
  codes: { action: /^secretsmanager:GetSecretValue$/, on: /Secretscodes/ },
  domains: { action: /^cloudfront:\w+DistributionTenant$/ },
  entitlements: { action: /^kms:Sign$/ },
  'event bus': { action: /^events:PutEvents$/ },
  'item changes': { action: writing },
  mail: { action: /^ses:SendEmail$/ },
  'operator decisions': { action: writing, keys: 'TRIAL-CONTROLS' },
  'operator sessions': { action: /^dynamodb:(Put|Delete)Item$/, keys: 'OPERATOR-SESSION#' },
  payments: { action: /^secretsmanager:GetSecretValue$/, on: /Secretsstripe(?!webhook)/ },
  'report files': { action: /^s3:(Put|Delete)Object$/, on: /-reports-/ },
  'runtime removal': { action: /^ecs:DeleteService$/ },
  'runtime start': { action: /^ecs:(Create|Update)Service$/ },
  sessions: { action: writing, keys: 'SESSION#' },
  'sign-ups': { action: writing, keys: 'SIGNUP#' },
  sealing: { action: /^kms:Encrypt$/, purpose: 'site-configuration' },
  'sealed secrets': { action: /^kms:Decrypt$/, purpose: 'site-configuration' },
  'site changes': { action: writing, keys: 'SITE#' },
  'site secrets': { action: /^secretsmanager:GetSecretValue$/, on: /Secretssites/ },
  storage: { action: /^elasticfilesystem:(Create|Delete)AccessPoint$/ },
  'storage removal': { action: /^elasticfilesystem:DeleteAccessPoint$/ },
  // A router may call one function, which can only wake; see below.
  tasks: { action: /^lambda:InvokeFunction$/, on: /^(?!.*function:sitewright-test-wake-site-on-request$)/ },
  'webhook secret': { action: /^secretsmanager:GetSecretValue$/, on: /Secretsstripewebhook/ },
  workflows: { action: /^states:/ },
} as const satisfies Readonly<Record<string, Privilege>>

type PrivilegeName = keyof typeof privileges

const keysOf = ({ conditions }: Statement): readonly string[] =>
  [conditions['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? '*'].flat()

const isFor = ({ conditions }: Statement, purpose: string): boolean =>
  [conditions.StringEquals?.['kms:EncryptionContext:purpose'] ?? purpose].flat().includes(purpose) &&
  conditions.StringEquals?.['kms:ViaService'] === undefined

const holds = (statements: readonly Statement[], { action, on, keys, purpose }: Privilege): boolean =>
  statements.some(
    (statement) =>
      statement.actions.some((name) => name === '*' || action.test(name)) &&
      (on === undefined || statement.resources.some((arn) => arn === '*' || on.test(arn))) &&
      (purpose === undefined || isFor(statement, purpose)) &&
      (keys === undefined || keysOf(statement).some((key) => key === '*' || key.startsWith(keys))),
  )

const holdersOf = (name: PrivilegeName): readonly string[] =>
  roles.filter(([, statements]) => holds(statements, privileges[name])).map(([role]) => role)

interface Separation {
  readonly one: PrivilegeName
  readonly others: readonly PrivilegeName[]
  readonly because: string
  /** The roles that hold both nevertheless, each with the reason. */
  readonly except?: Readonly<Record<string, string>>
}

const removals = ['runtime removal', 'storage removal', 'archive removal'] as const
const machinery = ['runtime start', 'storage', ...removals] as const

const separations: readonly Separation[] = [
  {
    one: 'sealing',
    others: [...machinery, 'sealed secrets', 'site secrets', 'payments', 'mail', 'sign-ups'],
    because: 'Who sets the secrets of a site cannot read any. What starts sites reads them, and sets none.',
  },
  {
    one: 'sealed secrets',
    others: ['payments', 'mail', 'sign-ups', 'codes', 'operator decisions'],
    because: 'Secrets of customers are open only where a site is started, or where its output is hidden.',
  },
  {
    one: 'operator sessions',
    others: [
      ...machinery,
      ...(['operator decisions', 'payments', 'mail', 'sign-ups', 'codes', 'sessions', 'site changes'] as const),
      ...(['site secrets', 'domains', 'workflows', 'audit log'] as const),
    ],
    because:
      'Anybody can call the function that signs operators in. It makes sessions, and does nothing that they allow.',
  },
  {
    one: 'payments',
    others: machinery,
    because:
      'A fault or a lie of Stripe changes records only. Tasks that check these records change what runs and is stored.',
    except: {
      'archive-due-site':
        'The gate before a disk is released asks Stripe last, and discards its own copy when the answer is no.',
    },
  },
  {
    one: 'payments',
    others: ['mail', 'sign-ups', 'codes', 'domains', 'site secrets', 'webhook secret'],
    because: 'The key moves money. Few functions hold it, and none of them faces people who have not signed in.',
  },
  {
    one: 'mail',
    others: [...machinery, 'domains', 'site secrets', 'workflows'],
    because: 'Mail contains what people typed. What it can be made to do must not reach a site.',
  },
  {
    one: 'sign-ups',
    others: [...machinery, 'domains', 'site secrets', 'workflows', 'site changes', 'webhook secret'],
    because: 'Anybody can call the functions that write sign-ups.',
  },
  {
    one: 'codes',
    others: [...machinery, 'workflows', 'site changes'],
    because: 'Only the function that checks codes can compute them.',
  },
  {
    one: 'sessions',
    others: [...machinery, 'domains', 'site secrets', 'operator decisions'],
    because:
      'A browser talks to the functions that write sessions. They change a site by its record and a workflow only.',
  },
  {
    one: 'operator decisions',
    others: [
      ...machinery,
      'payments',
      'mail',
      'sign-ups',
      'codes',
      'sessions',
      'domains',
      'site secrets',
      'archive contents',
    ],
    because: 'Staff decide; tasks behind their own checks act. Staff cannot sign in as an owner or read their data.',
  },
  {
    one: 'webhook secret',
    others: [...machinery, 'site changes', 'workflows', 'mail', 'domains', 'site secrets'],
    because: 'The webhook only records that Stripe reported something. Billing asks Stripe what is true.',
  },
  {
    one: 'entitlements',
    others: [...machinery, 'payments', 'mail', 'workflows', 'tasks', 'domains', 'site secrets'],
    because: 'The router faces the internet. It reads routes, and signs what a site may do.',
  },
  {
    one: 'entitlements',
    others: ['item changes'],
    because: 'A broken router must not change what other routers read.',
    except: { RouterDefinitionTaskRole: 'It consumes entrances, counts usage, and writes nothing else; see below.' },
  },
  {
    one: 'tasks',
    others: [...machinery, 'item changes', 'payments', 'mail', 'site secrets', 'archive contents'],
    because: 'A state machine calls its tasks; only tasks touch anything.',
  },
  {
    one: 'event bus',
    others: [...machinery, 'item changes', 'payments', 'mail', 'workflows'],
    because: 'Events are what was committed. Their publisher can add nothing to it.',
  },
  {
    one: 'report files',
    others: [
      ...machinery,
      ...(['archive contents', 'codes', 'entitlements', 'event bus', 'mail', 'payments'] as const),
      ...(['sessions', 'sign-ups', 'site changes', 'site secrets', 'workflows'] as const),
    ],
    because: 'The function reads the history of every account. It changes nothing but the data set.',
  },
  {
    one: 'domains',
    others: [...machinery, 'sessions', 'archive contents'],
    because: "An owner's domain points to a site and changes nothing about it.",
  },
  {
    one: 'runtime start',
    others: ['storage removal', 'archive removal', 'archive contents'],
    because: 'A function that starts sites on bad information can be undone, as long as it removes no data.',
  },
  {
    one: 'archive contents',
    others: ['storage', ...removals],
    because: 'The function that hands out downloads can damage no copy.',
  },
]

const pairs = separations.flatMap(({ others, ...separation }) => others.map((other) => ({ ...separation, other })))

describe('one role', () => {
  it.each(pairs)('never has $one and $other', ({ one, other, because, except = {} }) => {
    const others = holdersOf(other)
    const both = holdersOf(one).filter((role) => others.includes(role))
    expect(
      both.filter((role) => !(role in except)),
      because,
    ).toEqual([])
  })

  it('is an exception only if it holds both privileges', () => {
    for (const { one, others, except = {} } of separations) {
      const held = new Set(others.flatMap(holdersOf))
      const needed = holdersOf(one).filter((role) => held.has(role))
      expect(Object.keys(except)).toEqual(needed)
    }
  })
})

it.each(Object.keys(privileges) as PrivilegeName[])('some role has the privilege of %s', (name) => {
  expect(holdersOf(name)).not.toEqual([])
})

it('a router consumes entrances, counts usage, and writes nothing else', () => {
  const router = roles.filter(([, statements]) => holds(statements, privileges.entitlements))
  const writes = router
    .flatMap(([, statements]) => statements)
    .filter(({ actions }) => actions.some((name) => writing.test(name)))
  expect(writes.map((statement) => [statement.actions, keysOf(statement)])).toEqual([
    [['dynamodb:DeleteItem'], ['ENTRANCE#*']],
    [['dynamodb:UpdateItem'], ['USAGE#*']],
  ])
  expect(writes.flatMap(({ resources }) => resources).every((arn) => /TablesShort/.test(arn))).toBe(true)
})

it('a router invokes one function, which only wakes sites', () => {
  const router = roles.filter(([, statements]) => holds(statements, privileges.entitlements))
  const invoked = router
    .flatMap(([, statements]) => statements)
    .filter(({ actions }) => actions.some((name) => name.startsWith('lambda:')))
  expect(invoked.map(({ actions }) => actions)).toEqual([['lambda:InvokeFunction']])
  expect(invoked.flatMap(({ resources }) => resources)).toEqual([
    expect.stringMatching(/:function:sitewright-test-wake-site-on-request$/),
  ])
})

it('no role changes, deletes or copies over an entry of the audit log', () => {
  const actions = roles.flatMap(([role, statements]) =>
    statements
      .filter(({ resources }) => resources.some((arn) => arn === '*' || /-audit|TablesAudit/.test(arn)))
      .flatMap((statement) => statement.actions.filter((action) => /^\*$|^dynamodb:(?!ListStreams$)/.test(action)))
      .map((action) => [role, action] as const),
  )
  expect(new Set(actions.map(([, action]) => action))).toEqual(new Set(['dynamodb:PutItem', 'dynamodb:Query']))
  expect(actions.filter(([, action]) => action === 'dynamodb:Query')).toEqual([['operator-api', 'dynamodb:Query']])
})

it('the jobs of the archiver reach their own files, archives and key, and no workflow', () => {
  const boundary = roles.find(([role]) => role === 'ArchiverBoundaryPolicy')?.[1] ?? []
  const services = new Set(boundary.flatMap(({ actions }) => actions).map((action) => action.split(':')[0]))
  expect(services).toEqual(new Set(['elasticfilesystem', 's3', 'kms']))
})
