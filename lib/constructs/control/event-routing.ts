import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import {
  Archive,
  EventBus,
  type IRuleTarget,
  Rule,
  type EventPattern as RulePattern,
  Schedule,
} from 'aws-cdk-lib/aws-events'
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import * as z from 'zod'
import type { Names } from '../../../cloud/names.ts'
import { eventSource } from '../../../core/events/event-names.ts'
import type { EventPattern } from '../../../core/events/event-pattern.ts'
import { minutesOf, patternsOf, subscribedPatternsOf } from '../../../lambdas/manifest.ts'
import type { ManifestFunction } from './manifest-functions.ts'

interface EventRoutingProps {
  readonly names: Pick<Names, 'bus' | 'cluster' | 'mailConfiguration'>
  readonly cells: readonly string[]
  readonly functions: Iterable<ManifestFunction>
  readonly undelivered: IQueue
  readonly failed: IQueue
}

/** The fields by which a rule matches, from the manifest's patterns. */
const patternSchema = z.strictObject({
  source: z.array(z.string()),
  'detail-type': z.array(z.string()),
  detail: z.record(z.string(), z.unknown()).optional(),
})

const eventService = new ServicePrincipal('events.amazonaws.com')

/** Longer than a deploy or an hour of failures. */
const eventAge = Duration.hours(6)
/** The clock calls the function again in a minute, so a late event is useless. */
const tickAge = Duration.minutes(1)
/** A call by a slower clock is retried like an event, also while another call of the function runs. */
const maxMinutesOfSweep = 60

/** The bus of our own events, their archive, and the rules that call functions by events or the clock. */
export class EventRouting extends Construct {
  readonly bus: EventBus
  readonly #props: EventRoutingProps

  constructor(scope: Construct, id: string, props: EventRoutingProps) {
    super(scope, id)
    this.#props = props
    this.bus = new EventBus(this, 'Bus', { eventBusName: props.names.bus })
    const archive = new Archive(this, 'Archive', {
      sourceEventBus: this.bus,
      archiveName: props.names.bus,
      description: 'Every event of our own, for replays; docs/runbook.md says how',
      eventPattern: { source: [eventSource] },
      retention: Duration.days(90),
    })
    archive.applyRemovalPolicy(RemovalPolicy.DESTROY)
    this.#admitRules(props.undelivered)
    for (const woken of props.functions) this.#wake(woken)
  }

  #wake(woken: ManifestFunction): void {
    const { definition, node } = woken
    const patterns = patternsOf(definition)
    const minutes = minutesOf(definition)
    if (patterns.length === 0 && minutes === undefined) return
    const target = this.#target(woken)
    patterns.forEach((pattern, index) => {
      new Rule(this, `${node.id}-events${index === 0 ? '' : index}`, { ...this.#listenTo(pattern), targets: [target] })
    })
    if (minutes !== undefined) {
      new Rule(this, `${node.id}-clock`, { schedule: Schedule.rate(Duration.minutes(minutes)), targets: [target] })
    }
    // The next sweep does the work of a failed one. No sweep does that of an event which the function acts on itself.
    const isSweep =
      minutes !== undefined && minutes <= maxMinutesOfSweep && subscribedPatternsOf(definition).length === 0
    woken.function.configureAsyncInvoke({
      maxEventAge: isSweep ? tickAge : eventAge,
      retryAttempts: isSweep ? 0 : 2,
      ...(isSweep ? {} : { onFailure: new SqsDestination(this.#props.failed) }),
    })
  }

  /** One permission for all rules of a function: one for each would take a tenth of the resources that a stack can have. */
  #target({ function: handler }: ManifestFunction): IRuleTarget {
    handler.addPermission('Rules', { principal: eventService, sourceArn: this.#ruleArns() })
    // CDK's own target adds a permission and a statement of the queue's policy for each rule.
    return {
      bind: () => ({
        arn: handler.functionArn,
        deadLetterConfig: { arn: this.#props.undelivered.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: eventAge.toSeconds(), maximumRetryAttempts: 8 },
      }),
    }
  }

  /** One statement for all rules: the policy of a queue has room for about twenty. */
  #admitRules(undelivered: IQueue): void {
    undelivered.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [undelivered.queueArn],
        principals: [eventService],
        conditions: {
          ArnLike: { 'aws:SourceArn': this.#ruleArns() },
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
        },
      }),
    )
  }

  #ruleArns(): string {
    return Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: '*' })
  }

  /** Our own events are on our bus. AWS sends those of its services to the default one, also for clusters and mails that are not ours. */
  #listenTo(pattern: EventPattern): { eventBus?: EventBus; eventPattern: RulePattern } {
    const { source, 'detail-type': detailType, detail } = patternSchema.parse(pattern)
    const eventPattern = { source, detailType, ...(detail === undefined ? {} : { detail }) }
    if (source.includes(eventSource)) return { eventBus: this.bus, eventPattern }
    const { names, cells } = this.#props
    if (source.includes('aws.ses')) {
      const mail = { tags: { 'ses:configuration-set': [names.mailConfiguration] } }
      return { eventPattern: { ...eventPattern, detail: { ...detail, mail } } }
    }
    const clusterArn = cells.map((cell) =>
      Stack.of(this).formatArn({ service: 'ecs', resource: 'cluster', resourceName: names.cluster(cell) }),
    )
    return { eventPattern: { ...eventPattern, detail: { ...detail, clusterArn } } }
  }
}

interface EventPublisherProps {
  readonly publisher: ManifestFunction
  readonly table: Pick<ITableV2, 'tableStreamArn'>
  /** For the stream positions of records that Lambda discards. */
  readonly unpublished: IQueue
}

/**
 * Passes the table's stream to the function that publishes it. Order holds within a site, so an event that cannot be
 * published delays those behind it: for half a day, while the stream keeps records for a day. The function itself keeps aside what it cannot read.
 */
export class EventPublisher extends Construct {
  constructor(scope: Construct, id: string, { publisher, table, unpublished }: EventPublisherProps) {
    super(scope, id)
    const streamArn = table.tableStreamArn
    if (streamArn === undefined) throw new Error('the main table has no stream')
    const { function: handler } = publisher
    handler.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        resources: [streamArn],
      }),
    )
    handler.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }))
    const mapping = new EventSourceMapping(this, 'Stream', {
      target: handler,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { NewImage: { kind: { S: FilterRule.isEqual('event') } } },
        }),
      ],
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      maxRecordAge: Duration.hours(12),
      onFailure: new SqsDlq(unpublished),
    })
    mapping.node.addDependency(...rolePolicyOf(handler.role))
  }
}

/** Lambda checks the permissions when the mapping is created. */
const rolePolicyOf = (role: IRole | undefined): readonly Role[] => (role instanceof Role ? [role] : [])
