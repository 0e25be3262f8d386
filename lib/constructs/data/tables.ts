import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { indexes, tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { columnsOf, type ReportTable, reportTables } from '../../../lambdas/reports/report-row.ts'

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
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
} as const satisfies Partial<TablePropsV2>

/** The tables, as adapters/dynamodb creates them on one machine, with a stream instead of the outbox index. */
export class Tables extends Construct {
  readonly main: TableV2
  readonly short: TableV2

  /** @param prefix the name of the main table; those of the others follow from it. */
  constructor(scope: Construct, id: string, prefix: string) {
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
    new TableV2(this, 'Audit', {
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

const glueTypes = { BIGINT: 'bigint', TIMESTAMP: 'timestamp', VARCHAR: 'string' } as const

const isTable = (name: string): name is ReportTable => name in reportTables

/** The data set of reports as tables for Athena. Days are projected: no crawler or partition has to be added. */
export class ReportTables extends Construct {
  constructor(scope: Construct, id: string, { installation, bucket }: { installation: string; bucket: Bucket }) {
    super(scope, id)
    // Athena's names have no hyphens.
    const name = installation.replaceAll('-', '_')
    const catalogId = Stack.of(this).account
    const database = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: { name, description: 'The data set of reports. Its rows name nobody.' },
    })
    for (const table of Object.keys(reportTables).filter(isTable)) {
      const location = `s3://${bucket.bucketName}/${table}/`
      new CfnTable(this, table, {
        catalogId,
        databaseName: name,
        tableInput: {
          name: table,
          tableType: 'EXTERNAL_TABLE',
          partitionKeys: [{ name: 'day', type: 'date' }],
          parameters: {
            classification: 'parquet',
            'projection.enabled': 'true',
            'projection.day.type': 'date',
            'projection.day.format': 'yyyy-MM-dd',
            // Ten years back, which is the longest that files are kept.
            'projection.day.range': 'NOW-3660DAYS,NOW',
            'storage.location.template': `${location}day=\${day}/`,
          },
          storageDescriptor: {
            location,
            columns: columnsOf(table).map((column) => ({ name: column.name, type: glueTypes[column.type] })),
            inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
            outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
            serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
          },
        },
      }).addResourceDependency(database)
    }
  }
}
