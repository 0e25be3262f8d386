import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'
import { indexes, tablesOf } from '../../../adapters/dynamodb/tables.ts'

interface TablesProps {
  /** The name of the main table; that of the short one follows from it. */
  readonly prefix: string
}

const text = (name: string) => ({ name, type: AttributeType.STRING })

/** The outbox index replaces the stream on one machine; here a stream exists. */
const deployedIndexes = Object.values(indexes).filter(({ name }) => name !== indexes.outbox.name)

const indexProps = ({ name, partition, sort }: (typeof deployedIndexes)[number]): GlobalSecondaryIndexPropsV2 => ({
  indexName: name,
  partitionKey: text(partition),
  sortKey: text(sort),
  projectionType: ProjectionType.ALL,
})

const shared = {
  partitionKey: text('pk'),
  sortKey: text('sk'),
  billing: Billing.onDemand(),
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN,
} as const satisfies Partial<TablePropsV2>

/** The tables, as adapters/dynamodb creates them on one machine, with a stream instead of the outbox index. */
export class Tables extends Construct {
  readonly main: TableV2
  readonly short: TableV2
  readonly audit: TableV2

  constructor(scope: Construct, id: string, { prefix }: TablesProps) {
    super(scope, id)
    const names = tablesOf(prefix)
    this.main = new TableV2(this, 'Main', {
      ...shared,
      tableName: names.main,
      globalSecondaryIndexes: deployedIndexes.map(indexProps),
      // Only new images are published. The view of a stream cannot be changed, and later readers need both.
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    })
    this.short = new TableV2(this, 'Short', { ...shared, tableName: names.short, timeToLiveAttribute: 'expiresAt' })
    // A table of its own: no role changes or deletes an entry, and a restored main table leaves it as it is.
    this.audit = new TableV2(this, 'Audit', {
      ...shared,
      tableName: names.audit,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    })
    Validations.of(this.short).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'It holds only what may be lost; a backup would keep codes and addresses beyond their time to live.',
    })
  }
}
