import { Stack } from 'aws-cdk-lib'
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { columnsOf, type ReportTable, reportTables } from '../../../lambdas/reports/report-row.ts'

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
