import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import type { Capability } from '../../../lambdas/_runtime/ports.ts'
import { functions, isHttp, minutesOf, patternsOf, subscribedPatternsOf } from '../../../lambdas/manifest.ts'
import { filled } from '../support/filled.ts'
import { resourcesOf } from '../support/resources.ts'
import { grantsOfFunction, type Statement, statementsOf } from '../support/statements.ts'
import { type Synthesised, synthesise } from '../support/synthesise.ts'
import { commands, notOfFunctions, withoutCommand } from './commands.ts'
import { actionsOnEverything, harmlessDeletes, wideResources } from './wildcard-reasons.ts'

let all: Synthesised
/** The statements of every stack. */
let statements: readonly Statement[]
/** The grants of each function besides its log and its trace. */
let granted: ReadonlyMap<string, ReadonlySet<string>>

const ofEveryFunction = new Set([
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
])

beforeAll(async () => {
  all = await synthesise()
  const parts = all.stacks.map((stack) => stack.slice(all.names.stack('').length))
  statements = parts.flatMap((part) => statementsOf(all.template(part))).filter(({ effect }) => effect === 'Allow')
  granted = new Map(
    functions.map(({ name }) => {
      const actions = grantsOfFunction(all.template('control'), name).flatMap((statement) => statement.actions)
      return [name, new Set(actions.filter((action) => !ofEveryFunction.has(action)))]
    }),
  )
})

/** What Lambda does in the name of a function whose failures go to a queue. */
const ofDeadLetters = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']

/** A sweep that the clock wakes again within the hour needs none, also if events wake it early. */
const hasDeadLetters = (definition: AnyFunction): boolean =>
  definition.triggers.some((trigger) => 'stream' in trigger) ||
  subscribedPatternsOf(definition).length > 0 ||
  (patternsOf(definition).length > 0 && (minutesOf(definition) ?? 0) > 60)

const senders = ['adapters', 'cloud'].map((folder) => fileURLToPath(new URL(`../../../${folder}/`, import.meta.url)))

/** The commands that adapters of AWS services send, and what starts on AWS; the tables' apart. */
const commandsSent = (): readonly string[] => {
  const files = senders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  )
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const ofTables = [...text.matchAll(/import \{([^}]+)\} from '@aws-sdk\/(?:lib|client)-dynamodb'/g)].join()
    const sent = [...text.matchAll(/\bnew (\w+Command)\(|\b(paginate\w+)\(/g)]
    return sent.map(([, command, paginator]) => command ?? paginator ?? '').filter((name) => !ofTables.includes(name))
  })
}

const isOfTables = (action: string): boolean => action.startsWith('dynamodb:')

/** Measuring is a job of the archiver, whose outcome is removed. */
const capabilitiesOf = ({ uses }: AnyFunction): readonly Capability[] =>
  uses.flatMap((one) => (one === 'storage:measure' ? [one, 'archiver:run', 'archives:remove'] : [one]))

const mayReclaim = (definition: AnyFunction): boolean =>
  capabilitiesOf(definition).some((one) =>
    /^(runtime|storage|archives|leftovers):remove$|^(archiver|runtime):run$|^reports:write$/.test(one),
  )

it('fits into the roles: IAM takes 10,240 characters of inline policies', () => {
  const parts = all.stacks.map((stack) => stack.slice(all.names.stack('').length))
  const roles = parts.flatMap((part) => resourcesOf(all.template(part), 'AWS::IAM::Role'))
  const sizes = roles.map(({ id, Properties: { Policies = [] } }) => [id, JSON.stringify(filled(Policies)).length])
  expect(sizes.filter(([, size]) => Number(size) > 10_240)).toEqual([])
})

describe('what is allowed', () => {
  it('is no action by a wildcard, but to the uploader of the console', () => {
    const wide = statements.filter(({ actions }) => actions.some((action) => action.includes('*')))
    expect(wide.length).toBeGreaterThan(0)
    for (const { policy } of wide) expect(policy).toMatch(/^CustomCDKBucketDeployment/)
  })

  it('is nothing on every resource but what has a reason, and every reason is needed', () => {
    const everywhere = statements.filter(({ resources }) => resources.includes('*')).flatMap(({ actions }) => actions)
    expect([...new Set(everywhere)].toSorted()).toEqual(Object.keys(actionsOnEverything).toSorted())
  })

  it('is nothing on resources by a wildcard but what has a reason, and every reason is needed', () => {
    const wide = statements.flatMap(({ resources }) => resources).filter((arn) => arn !== '*' && arn.includes('*'))
    expect(wide.filter((arn) => !wideResources.some(([pattern]) => pattern.test(arn)))).toEqual([])
    for (const [pattern] of wideResources) expect(wide.some((arn) => pattern.test(arn)) ? '' : pattern).toBe('')
  })
})

describe('what a function may do', () => {
  it('knows every command that an adapter sends', () => {
    const known = [...Object.keys(commands), ...Object.keys(notOfFunctions)]
    expect([...new Set(commandsSent())].toSorted()).toEqual(known.toSorted())
  })

  it.each(functions)('lets $name send every command of its ports, and nothing more', (definition) => {
    const capabilities = capabilitiesOf(definition)
    const needed = Object.values(commands)
      .filter(({ by }) => by.some((capability) => capabilities.includes(capability)))
      .flatMap(({ actions }) => actions)
    const asked = new Set([
      ...needed,
      ...capabilities.flatMap((capability) => withoutCommand[capability] ?? []),
      // CloudFront's secret.
      ...(isHttp(definition) ? ['secretsmanager:GetSecretValue'] : []),
      ...(hasDeadLetters(definition) ? ofDeadLetters : []),
    ])
    const ofServices = [...(granted.get(definition.name) ?? [])].filter((action) => !isOfTables(action))
    expect(ofServices.toSorted()).toEqual([...asked].toSorted())
  })

  it('takes nothing away unless it reclaims', () => {
    for (const { name } of functions.filter((definition) => !mayReclaim(definition))) {
      const taking = [...(granted.get(name) ?? [])].filter((action) => /:(Delete|Deregister|Stop|Purge)/.test(action))
      expect([name, taking.filter((action) => !(action in harmlessDeletes))]).toEqual([name, []])
    }
  })

  it('never scans a table, and reaches its items by their keys', () => {
    const actions = new Set([...granted.values()].flatMap((names) => [...names]).filter(isOfTables))
    expect([...actions].toSorted()).toEqual([
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
      'dynamodb:DescribeStream',
      'dynamodb:GetItem',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ])
  })
})
