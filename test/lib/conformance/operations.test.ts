import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { functions, isHttp, minutesOf, patternsOf, subscribedPatternsOf } from '../../../lambdas/manifest.ts'
import { filled } from '../support/filled.ts'
import { type Resource, resourcesOf, type Template } from '../support/resources.ts'
import { type Synthesised, synthesise } from '../support/synthesise.ts'

let all: Synthesised
let control: Template
let watch: Template
/** The resources of every stack. */
let everything: readonly Resource[]

beforeAll(async () => {
  all = await synthesise()
  control = all.template('control')
  watch = all.template('watch')
  const parts = all.stacks.map((stack) => stack.slice(all.names.stack('').length))
  everything = parts.flatMap((part) => resourcesOf(all.template(part)))
})

const ofType = (...types: readonly string[]): readonly Resource[] =>
  everything.filter(({ Type }) => types.includes(Type))
const alarms = (): readonly Resource[] => resourcesOf(watch, 'AWS::CloudWatch::Alarm')
const alarmIds = (): readonly string[] =>
  alarms().map(({ Properties }) => String(Properties.AlarmName).slice(`${all.names.installation}-`.length))

const alarmOf = (id: string) =>
  alarms().find(({ Properties }) => Properties.AlarmName === `${all.names.installation}-${id}`)!.Properties

/** What counts lines of logs in a metric. */
const filtersOf = (metric: string) =>
  resourcesOf(watch, 'AWS::Logs::MetricFilter')
    .map(({ Properties }) => Properties)
    .filter(({ MetricTransformations: [{ MetricName }] }) => MetricName === metric)

/** The name in the manifest of the function that writes a log, which has to be there. */
const functionOfLog = (logGroupName: string): string => {
  const groups = resourcesOf(control, 'AWS::Logs::LogGroup').map(({ Properties }) => Properties.LogGroupName)
  expect(groups).toContain(logGroupName)
  return logGroupName.slice(logGroupName.lastIndexOf('/') + 1)
}

/** The logical ids that a part of a template refers to. */
const references = (value: unknown): readonly string[] =>
  [...JSON.stringify(value ?? null).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)].map(([, id]) => id ?? '')

describe('what could not be done', () => {
  it('goes to a queue: every queue has a dead-letter queue, or is one', () => {
    const deadLetters = new Set([
      ...ofType('AWS::Events::Rule').flatMap(({ Properties }) =>
        Properties.Targets.flatMap((target: { DeadLetterConfig: unknown }) => references(target.DeadLetterConfig)),
      ),
      ...ofType('AWS::Lambda::EventInvokeConfig', 'AWS::Lambda::EventSourceMapping').flatMap(({ Properties }) =>
        references(Properties.DestinationConfig?.OnFailure),
      ),
    ])
    const queues = ofType('AWS::SQS::Queue')
    expect(queues.length).toBeGreaterThan(0)
    for (const { id, Properties } of queues) {
      expect([id, Properties.RedrivePolicy !== undefined || deadLetters.has(id)]).toEqual([id, true])
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 })
    }
  })

  it('is kept of every rule, after some tries', () => {
    for (const { Properties } of ofType('AWS::Events::Rule')) {
      for (const target of Properties.Targets) {
        expect(references(target.DeadLetterConfig)).toHaveLength(1)
        expect(target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0)
      }
    }
  })

  it('is kept of every function that events reach, unless they only wake it early', () => {
    const configs = new Map(
      ofType('AWS::Lambda::EventInvokeConfig').map(({ Properties }) => [Properties.FunctionName.Ref, Properties]),
    )
    for (const definition of functions) {
      const { name } = definition
      const minutes = minutesOf(definition)
      if (minutes === undefined && patternsOf(definition).length === 0) continue
      const found = ofType('AWS::Lambda::Function').find(
        ({ Properties }) => Properties.FunctionName === all.names.function(name),
      )
      const config = configs.get(found?.id)
      const isKept = references(config?.DestinationConfig?.OnFailure).length === 1
      const isReached = subscribedPatternsOf(definition).length > 0
      expect([name, isKept]).toEqual([name, isReached || (minutes ?? Number.POSITIVE_INFINITY) > 60])
      expect([name, config.MaximumEventAgeInSeconds]).toEqual([name, isKept ? 21_600 : 60])
      expect([name, config.MaximumRetryAttempts]).toEqual([name, isKept ? 2 : 0])
    }
  })

  it('is kept of the stream, within the time that the stream itself keeps', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping')
    expect(mappings).toHaveLength(1)
    expect(mappings[0]?.Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 12 * 3600,
      FilterCriteria: {
        Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["event"]}}}}' }],
      },
    })
    expect(references(mappings[0]?.Properties.DestinationConfig.OnFailure)).toHaveLength(1)
  })
})

describe('what is watched', () => {
  /** The alarm of `operator-api` stands for these: they share what is not reserved. */
  const ofStaff = new Set(
    ['bundle', 'lead', 'relocation', 'report', 'rollout', 'site-billing', 'webhook'].map((name) => `${name}-api`),
  )

  it('is every function: its errors, what is refused of the API, and the silence of what the clock wakes', () => {
    const wanted = functions.flatMap((definition) => [
      `${definition.name}-errors`,
      ...(isHttp(definition) && !ofStaff.has(definition.name) ? [`${definition.name}-throttled`] : []),
      ...(minutesOf(definition) === undefined ? [] : [`${definition.name}-silent`]),
    ])
    expect(alarmIds()).toEqual(expect.arrayContaining(wanted))
    expect(alarmIds().filter((id) => ofStaff.has(id.replace(/-throttled$/, '')))).toEqual([])
  })

  it('is every function, state machine and queue, each by the name that it is deployed by', () => {
    const watched = JSON.stringify(alarms().map(({ Properties }) => filled(Properties.Dimensions)))
    const machines = resourcesOf(control, 'AWS::StepFunctions::StateMachine')
    const queues = resourcesOf(control, 'AWS::SQS::Queue')
    const functions = resourcesOf(control, 'AWS::Lambda::Function')
    const called = [...functions, ...machines, ...queues].map(
      ({ Properties }) => Properties.FunctionName ?? Properties.StateMachineName ?? Properties.QueueName,
    )
    expect(called.length).toBeGreaterThan(0)
    for (const name of called) expect(watched).toMatch(new RegExp(`[:"]${name}"`))
    for (const { Properties } of machines) {
      const name = String(Properties.StateMachineName).slice(all.names.stateMachine('').length)
      expect(alarmIds()).toEqual(expect.arrayContaining([`${name}-failed`, `${name}-timed-out`]))
    }
  })

  it('is in logs that exist', () => {
    const logs = ofType('AWS::Logs::LogGroup').map(({ Properties }) => Properties.LogGroupName)
    const filters = resourcesOf(watch, 'AWS::Logs::MetricFilter')
    expect(filters).toHaveLength(42)
    for (const { Properties } of filters) expect(logs).toContain(Properties.LogGroupName)
  })

  it('is shown on one page, by no more alarms in a widget than CloudWatch takes', () => {
    const [dashboard] = resourcesOf(watch, 'AWS::CloudWatch::Dashboard')
    const { widgets } = JSON.parse(String(filled(dashboard?.Properties.DashboardBody)))
    const shown: readonly number[] = widgets
      .filter(({ type }: { type: string }) => type === 'alarm')
      .map(({ properties }: { properties: { alarms: readonly string[] } }) => properties.alarms.length)
    expect(Math.max(...shown)).toBeLessThanOrEqual(100)
    expect(shown.reduce((sum, count) => sum + count, 0)).toBe(alarms().length)
  })

  it('is what any function that settles payments says of one, in one metric', () => {
    const filters = resourcesOf(watch, 'AWS::Logs::MetricFilter').map(({ Properties }) => Properties)
    const heardIn = (alarm: string) =>
      filters
        .filter(({ MetricTransformations: [{ MetricName, MetricNamespace }] }) => {
          const watched = alarms().find(({ Properties }) => String(Properties.AlarmName).endsWith(`-${alarm}`))
          return [watched?.Properties.MetricName, watched?.Properties.Namespace].every(
            (name, index) => name === [MetricName, MetricNamespace][index],
          )
        })
        .map(({ LogGroupName, FilterPattern }) => [functionOfLog(LogGroupName), FilterPattern])
    const settling = ['converge-billing', 'owner-api', 'reconcile-billing']
    const asking = functions
      .filter(({ uses }) => uses.some((capability) => capability === 'payments:call'))
      .map(({ name }) => name)
    for (const [alarm, names] of [
      ['payment-returned', settling],
      ['payment-to-check', asking],
      ['billing-drift', ['reconcile-billing']],
    ] as const) {
      const heard = heardIn(alarm)
      expect([alarm, heard.map(([name]) => name).toSorted()]).toEqual([alarm, names.toSorted()])
      expect(new Set(heard.map(([, pattern]) => pattern)).size).toBe(1)
    }
  })

  it('is errors by no more of them than there are calls, even if each call takes its whole time', () => {
    for (const definition of functions) {
      const { name, timeout } = definition
      const minutes = minutesOf(definition)
      if (minutes === undefined) continue
      const { Period, EvaluationPeriods, Threshold } = alarmOf(`${name}-errors`)
      // Until it is woken again after that, the clock goes round once more.
      const fewest = Math.floor((Period / 60 - 1) / (minutes + timeout / 60)) + 1
      expect([name, EvaluationPeriods]).toEqual([name, 1])
      expect([name, Threshold <= fewest]).toEqual([name, true])
    }
  })

  it('is errors of every function before there are hundreds of them', () => {
    for (const { name } of functions) {
      expect([name, alarmOf(`${name}-errors`).Threshold <= 100]).toEqual([name, true])
    }
  })

  it("is Stripe's events that are refused, by a few within the time in which Stripe sends a few", () => {
    const { MetricName, Threshold, Period } = alarmOf('webhook-refused')
    expect([Threshold, Period]).toEqual([3, 3600])
    const [filter, ...others] = filtersOf(MetricName)
    expect(others).toEqual([])
    expect(functionOfLog(filter!.LogGroupName)).toBe('stripe-webhook')
    expect(filter!.FilterPattern).toBe('{ ($.event = "request-refused") && ($.kind = "WebhookRefused") }')
  })

  it.each([
    ['domain-elsewhere', 'domain-elsewhere'],
    ['domain-uncertified', 'domain-certificate-failed'],
  ])('is a domain that is verified and not served: %s', (id, event) => {
    const { MetricName, Period, EvaluationPeriods } = alarmOf(id)
    // CloudWatch looks back for a day at most.
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(86_400)
    const filters = filtersOf(MetricName)
    expect(filters.map(({ LogGroupName }) => functionOfLog(LogGroupName))).toContain('check-domains')
    for (const { FilterPattern } of filters) expect(FilterPattern).toBe(`{ $.event = "${event}" }`)
  })

  it('reaches a person, when it begins and when it is over', () => {
    const [topic] = resourcesOf(watch, 'AWS::SNS::Topic')
    for (const { Properties } of alarms()) {
      expect(references(Properties.AlarmActions)).toEqual([topic?.id])
      expect(references(Properties.OKActions)).toEqual([topic?.id])
    }
    expect(resourcesOf(watch, 'AWS::SNS::Subscription')[0]?.Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'operations@example.com',
    })
  })

  it('has a section in the runbook for every alarm that does not say itself what to do, and no section besides', () => {
    const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8')
    const sections = [...runbook.matchAll(/^### (.+)$/gm)].map(([, title]) => title)
    const elsewhere = alarms().flatMap(({ Properties }) => {
      const id = String(Properties.AlarmName).slice(`${all.names.installation}-`.length)
      const [, todo = ''] = String(Properties.AlarmDescription).split(' What to do: ')
      expect(todo).toMatch(/\w/)
      return todo === `docs/runbook.md#${id}` ? [id] : []
    })
    expect(sections.toSorted()).toEqual(elsewhere.toSorted())
  })
})

describe('what is kept', () => {
  it('is every stack, until somebody takes its protection off', () => {
    expect(all.protectedStacks).toEqual(all.stacks)
  })

  it("is what owners' DNS records lead to", () => {
    const tenants = ofType('AWS::CloudFront::Distribution').filter(
      ({ Properties }) => Properties.DistributionConfig.ConnectionMode === 'tenant-only',
    )
    const kept = [...tenants, ...ofType('AWS::CloudFront::ConnectionGroup')]
    expect(kept).toHaveLength(2)
    for (const { DeletionPolicy, UpdateReplacePolicy } of kept) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain'])
    }
    expect(ofType('AWS::ElasticLoadBalancingV2::LoadBalancer')[0]?.Properties.LoadBalancerAttributes).toContainEqual({
      Key: 'deletion_protection.enabled',
      Value: 'true',
    })
  })

  it('is every log, for a time that is set', () => {
    const logs = ofType('AWS::Logs::LogGroup')
    expect(logs.length).toBeGreaterThan(functions.length)
    for (const { id, Properties } of logs) expect([id, Properties.RetentionInDays > 0]).toEqual([id, true])
  })

  it('is the log of every function in a group that is made with it', () => {
    const groups = new Set(ofType('AWS::Logs::LogGroup').map(({ id }) => id))
    for (const { id, Properties } of ofType('AWS::Lambda::Function')) {
      expect([id, groups.has(Properties.LoggingConfig?.LogGroup?.Ref)]).toEqual([id, true])
    }
  })

  it('is everything that holds state, also when its stack goes or would replace it', () => {
    const stateful = ofType(
      'AWS::Cognito::UserPool',
      'AWS::DynamoDB::GlobalTable',
      'AWS::DynamoDB::Table',
      'AWS::ECR::Repository',
      'AWS::EFS::FileSystem',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::SecretsManager::Secret',
    )
    const kept = stateful.filter(({ DeletionPolicy, UpdateReplacePolicy }) =>
      [DeletionPolicy, UpdateReplacePolicy].every((policy) => policy?.startsWith('Retain')),
    )
    const lost = stateful.filter((resource) => !kept.includes(resource)).map(({ id }) => id.replace(/\w{8}$/, ''))
    expect(kept.length).toBeGreaterThan(8)
    // The key of what alarms say, and the pages, which come from the repository.
    expect(lost.toSorted()).toEqual(['AlarmsKey', 'FilesBucket'])
  })
})
