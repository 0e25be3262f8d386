import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RowFiles } from '../../lambdas/reports/ports.ts'
import { columnsOf, type ReportTable, rowKeys } from '../../lambdas/reports/report-row.ts'
import { quoted, usingDuckdb } from './load-duckdb.ts'

const linesAtOnce = 1000

/** Rows as lines of JSON, many in a chunk. @param count is called for each row. */
async function* linesOf(rows: AsyncIterable<object>, count: () => void): AsyncGenerator<string> {
  let lines: string[] = []
  for await (const row of rows) {
    count()
    lines.push(`${JSON.stringify(row)}\n`)
    if (lines.length < linesAtOnce) continue
    yield lines.join('')
    lines = []
  }
  yield lines.join('')
}

/** Some names, such as `at`, are keywords. */
const column = (name: string): string => `"${name}"`
const list = (texts: readonly string[]): string => texts.join(', ')

/** Always the same content for the same rows: in one order, and by one thread. */
const joinQuery = (table: ReportTable, json: string, parquet: readonly string[], to: string): string => {
  const columns = columnsOf(table)
  const names = columns.map(({ name }) => column(name))
  const keys: readonly string[] = rowKeys[table]
  const keyColumns = columns.flatMap(({ field, name }) => (keys.includes(field) ? [column(name)] : []))
  const types = columns.map(({ field, type }) => `${quoted(field)}: ${quoted(type === 'BIGINT' ? type : 'VARCHAR')}`)
  const given = `SELECT ${list(columns.map(({ field, name, type }) => `${column(field)}::${type} AS ${column(name)}`))}, 0 AS rank
    FROM read_json(${quoted(json)}, format = 'newline_delimited', columns = {${list(types)}})`
  const earlier = `SELECT *, 1 AS rank FROM read_parquet([${list(parquet.map(quoted))}], union_by_name = true)`
  return `COPY (
    SELECT ${list(names)} FROM (${[given, ...(parquet.length === 0 ? [] : [earlier])].join('\nUNION ALL BY NAME\n')})
    QUALIFY row_number() OVER (PARTITION BY ${list(keyColumns)} ORDER BY rank, ${list(names)}) = 1
    ORDER BY "at", ${list(names)}
  ) TO ${quoted(to)} (FORMAT parquet, COMPRESSION zstd)`
}

/** @param options.scratch a directory for files that exist during a call. @param options.memoryMiB DuckDB uses the disk beyond it. */
export const createRowFiles = ({ scratch, memoryMiB }: { scratch: string; memoryMiB: number }): RowFiles => ({
  join: async ({ table, rows, files }, use) => {
    await using directory = await mkdtempDisposable(join(scratch, 'reports-'))
    const inDirectory = (name: string): string => join(directory.path, name)
    const json = inDirectory('rows.ndjson')
    let given = 0
    const counted = linesOf(rows, () => {
      given += 1
    })
    await pipeline(Readable.from(counted), createWriteStream(json))
    const earlier: string[] = []
    for (const [index, fetch] of files.entries()) {
      const to = inDirectory(`${index}.parquet`)
      if (await fetch(to)) earlier.push(to)
    }
    if (given === 0 && earlier.length === 0) return
    const joined = inDirectory('joined.parquet')
    await usingDuckdb({ threads: 1, memoryMiB, spilled: inDirectory('spilled') }, (connection) =>
      connection.run(joinQuery(table, json, earlier, joined)),
    )
    const content = createReadStream(joined)
    // Where nobody reads it, it may be opened after its directory has gone, and would end the process. Readers get the error anyway.
    content.on('error', () => undefined)
    try {
      await use(content)
    } finally {
      content.destroy()
    }
  },
})
