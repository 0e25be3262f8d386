import { Duration } from 'aws-cdk-lib'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { IRole } from 'aws-cdk-lib/aws-iam'
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam'
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { ManifestFunction } from './manifest-function.ts'

interface EventPublisherProps {
  readonly publisher: ManifestFunction
  /** Whose stream is published. */
  readonly table: Pick<ITableV2, 'tableStreamArn'>
  /** For the places in the stream of what is given up. */
  readonly unpublished: IQueue
}

/**
 * Hands what is written to the table's stream to the function that publishes it. Order holds within a site, so what cannot
 * be published keeps what is behind it; for half a day, while the stream itself keeps a whole one.
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

/** Lambda looks at the permissions when the mapping is made. */
const rolePolicyOf = (role: IRole | undefined): readonly Role[] => (role instanceof Role ? [role] : [])
