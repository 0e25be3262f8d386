import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createReportEngine } from '../../adapters/duckdb/report-engine.ts'
import { readReportDirectory } from '../../adapters/files/report-files.ts'
import {
  columnsOf,
  type EventRow,
  type ReportTable,
  type UsageRow,
  type VisitRow,
} from '../../lambdas/reports/report-row.ts'
import { directoryForTest } from './temporary-directories.ts'

export interface ReportData {
  readonly events?: readonly EventRow[]
  readonly usage?: readonly UsageRow[]
  readonly visits?: readonly VisitRow[]
}

/** Writes rows to Parquet files. */
export const writeParquet = async (
  files: readonly { readonly path: string; readonly table: ReportTable; readonly rows: readonly object[] }[],
): Promise<void> => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  for (const { path, table, rows } of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.json`, rows.map((row) => JSON.stringify(row)).join('\n'))
    const columns = columnsOf(table)
    const types = columns.map(({ field, type }) => `"${field}": '${type === 'BIGINT' ? type : 'VARCHAR'}'`).join(', ')
    const selected = columns.map(({ field, name, type }) => `"${field}"::${type} AS "${name}"`).join(', ')
    const given = `read_json('${path}.json', format = 'newline_delimited', columns = {${types}})`
    await connection.run(`COPY (SELECT ${selected} FROM ${given}) TO '${path}' (FORMAT parquet)`)
    await rm(`${path}.json`)
  }
  connection.closeSync()
  instance.closeSync()
}

/** Writes a data set: a file for each day. @returns its directory. */
export const writeReportData = async (data: ReportData): Promise<string> => {
  const directory = await directoryForTest()
  const files = (['events', 'usage', 'visits'] as const).flatMap((table) => {
    const byDay = Map.groupBy<string, { readonly at: string }>(data[table] ?? [], ({ at }) => at.slice(0, 10))
    return [...byDay].map(([day, rows]) => ({ path: join(directory, `${table}/day=${day}/day.parquet`), table, rows }))
  })
  await writeParquet(files)
  return directory
}

/** An engine over a data set in a directory. */
export const reportEngineOn = async (
  directory: string,
  options: Partial<Parameters<typeof createReportEngine>[0]> = {},
) => {
  const copies = await directoryForTest()
  return createReportEngine({
    source: readReportDirectory(directory),
    directory: copies,
    memoryMiB: 256,
    threads: 1,
    timeoutMilliseconds: 20_000,
    ...options,
  })
}
