import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import * as z from 'zod'
import { eachAtOnce } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { ReportCell, ReportEngine, ReportFiles, ReportQuery, ReportResult } from '../../lambdas/reports/ports.ts'
import { columnsOf, partsOfPath, type ReportTable, writtenFile } from '../../lambdas/reports/report-row.ts'
import { quoted, usingDuckdb } from './load-duckdb.ts'
import { reportQueries } from './report-queries.ts'

interface EngineOptions {
  readonly source: Pick<ReportFiles, 'list' | 'fetch'>
  /** Where it keeps copies of the files; no other engine may use it. */
  readonly directory: string
  readonly memoryMiB: number
  readonly threads: number
  readonly timeoutMilliseconds: number
  /** Other queries than those in `reports/`, for tests. */
  readonly queries?: Readonly<Record<string, string>>
}

const maxRows = 1000
const fetchedAtOnce = 16
const maxWaiting = 8

interface DataFile {
  readonly path: string
  readonly version: string
  readonly day: string
  readonly part: string
}

/** The files of a table. A file of an hour is ignored where its day has one, which then contains it. */
const filesOf = async (source: EngineOptions['source'], table: ReportTable): Promise<readonly DataFile[]> => {
  const files = (await source.list(`${table}/`)).flatMap((file) => {
    const parts = partsOfPath(file.path)
    return parts === undefined ? [] : [{ ...file, ...parts }]
  })
  const whole = new Set(files.flatMap(({ day, part }) => (part === 'day' ? [day] : [])))
  return files.filter(({ day, part }) => part === 'day' || !whole.has(day))
}

/**
 * Until when the data set has rows, at most now: as its writer says. An older writer does not say it; then only the beginning of the last hour
 * with a file is known.
 */
const asOfFiles = (files: readonly DataFile[], written: string | undefined, now: string): string | undefined => {
  const ends = files.map(({ day, part }) =>
    part === 'day' ? plusMilliseconds(`${day}T00:00:00.000Z`, 86_400_000) : `${day}T${part}:00:00.000Z`,
  )
  const last = ends.toSorted().at(-1)
  const asOf = last === undefined ? undefined : (written ?? last)
  return asOf === undefined || asOf < now ? asOf : now
}

const readWritten = async ({ source, directory }: EngineOptions): Promise<string | undefined> => {
  const copy = join(directory, writtenFile)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (!(await source.fetch(writtenFile, copy))) return undefined
  return z.iso.datetime({ precision: 3 }).safeParse((await readFile(copy, 'utf8')).trim()).data
}

/** The same for the same content, so that an unchanged file is not fetched again. */
const copyName = ({ path, version }: DataFile): string =>
  `${path.replaceAll(/[/=]/g, '_')}-${Buffer.from(version).toString('base64url')}.parquet`

/**
 * Copies the files since a day that are not copied yet, and removes copies of files that have changed or are gone.
 * @returns the paths of the copies, without files that were removed meanwhile.
 */
const fetchFiles = async (
  { source, directory }: EngineOptions,
  table: ReportTable,
  { files, sinceDay }: { readonly files: readonly DataFile[]; readonly sinceDay: string | undefined },
): Promise<readonly string[]> => {
  const folder = join(directory, table)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const kept = new Set(await readdir(folder))
  const present = new Set(files.map(copyName))
  for (const name of kept) if (!present.has(name)) await rm(join(folder, name), { force: true })
  const needed = files.filter(({ day }) => sinceDay === undefined || day >= sinceDay)
  const wanted = new Map(needed.map((file) => [copyName(file), file]))
  const fetched: string[] = []
  await eachAtOnce([...wanted], fetchedAtOnce, async ([name, { path }]) => {
    const copy = join(folder, name)
    if (!kept.has(name)) {
      if (!(await source.fetch(path, `${copy}.part`))) return
      await rename(`${copy}.part`, copy)
    }
    fetched.push(copy)
  })
  return fetched
}

const viewOf = (table: ReportTable, paths: readonly string[]): string => {
  const columns = columnsOf(table)
  // A file that was written before a column was added lacks it.
  const empty = `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS "${name}"`).join(', ')} WHERE false`
  const files = `SELECT * FROM read_parquet([${paths.map(quoted).join(', ')}], union_by_name = true, hive_partitioning = false)`
  return `CREATE VIEW ${table} AS ${[empty, ...(paths.length === 0 ? [] : [files])].join(' UNION ALL BY NAME ')}`
}

const parametersView = `CREATE TABLE parameters AS SELECT
  CAST($from AS TIMESTAMP) AS from_at, CAST($until AS TIMESTAMP) AS until_at, CAST($as_of AS TIMESTAMP) AS as_of,
  CAST($offer AS VARCHAR) AS only_offer, CAST($by AS VARCHAR) AS group_by, CAST($cost AS DOUBLE) AS awake_hour_cost`

const cellOf = (value: DuckDBValue): ReportCell => {
  if (value === null) return null
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value)
  return String(value)
}

/** Reads the first rows of a query, which it ends after a while. */
const readRows = async (connection: DuckDBConnection, sql: string, milliseconds: number) => {
  let isLate = false
  // Again and again: one that comes while DuckDB prepares the query is lost.
  const timer = setInterval(() => {
    isLate = true
    connection.interrupt()
  }, milliseconds)
  try {
    const reader = await connection.streamAndReadUntil(sql, maxRows + 1)
    return { columns: reader.columnNames(), rows: reader.getRows() }
  } catch (error) {
    if (!isLate) throw error
    throw new SitewrightError('Unavailable', 'The report takes too long. Ask for a shorter period.', { cause: error })
  } finally {
    clearInterval(timer)
  }
}

/** Runs the queries in `reports/` with DuckDB over copies of the files that they need, one at a time. */
export const createReportEngine = (options: EngineOptions): ReportEngine => {
  const { source, directory, memoryMiB, threads, timeoutMilliseconds, queries = reportQueries } = options

  const run = async (query: ReportQuery): Promise<ReportResult> => {
    // Before the files: they have at least the rows of then.
    const written = await readWritten(options)
    const found = await Promise.all(query.tables.map(async (table) => ({ table, files: await filesOf(source, table) })))
    const asOf = asOfFiles(
      found.flatMap(({ files }) => files),
      written,
      query.now,
    )
    const views: string[] = []
    for (const { table, files } of found) {
      views.push(viewOf(table, await fetchFiles(options, table, { files, sinceDay: query.sinceDay })))
    }
    return usingDuckdb({ threads, memoryMiB, spilled: join(directory, 'spilled') }, async (connection) => {
      await connection.run(parametersView, {
        from: query.from.slice(0, -1),
        until: query.until.slice(0, -1),
        as_of: (asOf ?? query.now).slice(0, -1),
        offer: query.offer ?? null,
        by: query.by ?? null,
        cost: query.awakeHourCost,
      })
      for (const view of views) await connection.run(view)
      // A query can read no other files of the machine.
      await connection.run(`SET allowed_directories = [${quoted(directory)}]`)
      await connection.run('SET enable_external_access = false')
      await connection.run('SET lock_configuration = true')
      const { columns, rows } = await readRows(connection, queries[query.name] ?? '', timeoutMilliseconds)
      const truncated = rows.length > maxRows
      return { columns, rows: rows.slice(0, maxRows).map((row) => row.map(cellOf)), truncated, asOf }
    })
  }

  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return {
    run: async (query) => {
      if (waiting >= maxWaiting)
        throw new SitewrightError('Unavailable', 'Other reports are being computed. Try again in a moment.')
      waiting += 1
      const next = last.then(() => run(query))
      last = next.catch(() => undefined)
      try {
        return await next
      } finally {
        waiting -= 1
      }
    },
  }
}
