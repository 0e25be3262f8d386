import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBConnection } from '@duckdb/node-api'
import { describe, expect, it, vi } from 'vitest'
import { readReportDirectory } from '../../../adapters/files/report-files.ts'
import type { ReportQuery } from '../../../lambdas/reports/ports.ts'
import { reportTables, writtenFile } from '../../../lambdas/reports/report-row.ts'
import { opened } from '../../reports/run-on-rows.ts'
import { reportEngineOn, writeParquet, writeReportData } from '../../support/report-data.ts'

const at = '2026-03-02T09:00:00.000Z'

const query: ReportQuery = {
  ...{
    name: 'funnel',
    tables: ['events', 'usage', 'visits'],
    sinceDay: '2026-01-01',
    from: '2026-01-01T00:00:00.000Z',
  },
  ...{ until: '2026-07-01T00:00:00.000Z', now: '2026-06-30T12:00:00.000Z', offer: undefined, by: 'offer' },
  awakeHourCost: 0.01,
}

const count = { funnel: 'SELECT count(*) AS n FROM events' }

const writeEvents = (directory: string, file: string, ...names: readonly string[]) =>
  writeParquet([
    { path: join(directory, `events/${file}`), table: 'events', rows: names.map((name) => opened(name, at)) },
  ])

describe('the engine of reports', () => {
  it('gives an empty report of an empty data set', async () => {
    const directory = await writeReportData({})
    const engine = await reportEngineOn(directory)
    const { rows, asOf, columns } = await engine.run(query)
    expect(rows).toEqual([])
    expect(asOf).toBeUndefined()
    expect(columns).toContain('sign_ups')
    const nowhere = await reportEngineOn(join(directory, 'missing'))
    expect((await nowhere.run(query)).rows).toEqual([])
  })

  it('ignores the file of an hour beside that of its day', async () => {
    const directory = await writeReportData({})
    await writeEvents(directory, 'day=2026-03-02/day.parquet', 'ada', 'bob')
    await writeEvents(directory, 'day=2026-03-02/09.parquet', 'ada')
    await writeEvents(directory, 'day=2026-03-03/09.parquet', 'cleo')
    await writeEvents(directory, 'day=2026-03-03/10.parquet', 'dora')
    await writeFile(join(directory, 'events/day=2026-03-03/11.parquet.unfinished'), 'PAR')
    const { rows, asOf } = await (await reportEngineOn(directory, { queries: count })).run(query)
    expect(rows).toEqual([[4]])
    // Nobody knows when in this hour its file was written.
    expect(asOf).toBe('2026-03-03T10:00:00.000Z')
  })

  it('fetches the days that a query needs, and what has changed', async () => {
    const directory = await writeReportData({})
    await writeEvents(directory, 'day=2025-12-31/day.parquet', 'old')
    await writeEvents(directory, 'day=2026-03-02/09.parquet', 'ada')
    const source = readReportDirectory(directory)
    const fetched: string[] = []
    const engine = await reportEngineOn(directory, {
      queries: count,
      source: {
        ...source,
        fetch: (path, to) => {
          if (path !== writtenFile) fetched.push(path.slice('events/day='.length))
          return source.fetch(path, to)
        },
      },
    })
    const nAfter = async (asked: ReportQuery) => [(await engine.run(asked)).rows[0]?.[0], ...fetched.splice(0)]
    expect(await nAfter(query)).toEqual([1, '2026-03-02/09.parquet'])
    expect(await nAfter(query)).toEqual([1])
    await writeEvents(directory, 'day=2026-03-02/09.parquet', 'ada', 'bob')
    await utimes(join(directory, 'events/day=2026-03-02/09.parquet'), 1, 1)
    expect(await nAfter(query)).toEqual([2, '2026-03-02/09.parquet'])
    expect(await nAfter({ ...query, sinceDay: undefined })).toEqual([3, '2025-12-31/day.parquet'])
    await rm(join(directory, 'events/day=2026-03-02'), { recursive: true })
    expect(await nAfter({ ...query, sinceDay: undefined })).toEqual([1])
  })

  it('runs without a file that was removed after the list', async () => {
    const directory = await writeReportData({ events: [opened('ada', at)] })
    const source = readReportDirectory(directory)
    const path = 'events/day=2026-03-01/09.parquet'
    const list = async (prefix: string) => [
      ...(await source.list(prefix)),
      ...(prefix === 'events/' ? [{ path, version: '1' }] : []),
    ]
    const engine = await reportEngineOn(directory, { queries: count, source: { ...source, list } })
    expect((await engine.run(query)).rows).toEqual([[1]])
  })

  it('says that there are more than a thousand rows', async () => {
    const queries = { funnel: 'SELECT * FROM range(1001)', revenue: 'SELECT * FROM range(1000)' }
    const engine = await reportEngineOn(await writeReportData({}), { queries })
    const [many, all] = [await engine.run(query), await engine.run({ ...query, name: 'revenue' })]
    expect([many.rows.length, many.truncated]).toEqual([1000, true])
    expect([all.rows.length, all.truncated]).toEqual([1000, false])
  })

  it('ends a query that takes too long, and answers the next one', async () => {
    const queries = {
      funnel: 'SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b WHERE (a.range * b.range) % 7 = 3',
      revenue: 'SELECT 1',
    }
    const engine = await reportEngineOn(await writeReportData({}), { queries, timeoutMilliseconds: 100 })
    await expect(engine.run(query)).rejects.toMatchObject({ kind: 'Unavailable', message: /shorter period/ })
    expect((await engine.run({ ...query, name: 'revenue' })).rows).toEqual([[1]])
  })

  it('ends a query for which the time was over before it began', async () => {
    const funnel = 'SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b WHERE (a.range * b.range) % 7 = 3'
    const engine = await reportEngineOn(await writeReportData({}), { queries: { funnel }, timeoutMilliseconds: 1 })
    for (let round = 0; round < 8; round++) {
      await expect(engine.run(query)).rejects.toMatchObject({ kind: 'Unavailable' })
    }
  })

  it('closes the connection of a failed query, which holds memory and threads', async () => {
    const engine = await reportEngineOn(await writeReportData({}), { queries: { funnel: 'SELECT x' } })
    using close = vi.spyOn(DuckDBConnection.prototype, 'closeSync')
    await expect(engine.run(query)).rejects.toThrow(/Binder/)
    expect(close).toHaveBeenCalledOnce()
  })

  it('refuses a query while eight others wait', async () => {
    const engine = await reportEngineOn(await writeReportData({}), { queries: { funnel: 'SELECT 1' } })
    const answers = await Promise.allSettled(Array.from({ length: 9 }, () => engine.run(query)))
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 8 }, () => 'fulfilled'), 'rejected'])
  })

  it.each([
    ["SELECT * FROM read_csv('/etc/passwd')"],
    ["COPY (SELECT 1) TO '/tmp/sitewright-written.parquet'"],
    ['INSTALL httpfs'],
    ['SET enable_external_access = true'],
  ])('can read nothing else of the machine: %s', async (funnel) => {
    const engine = await reportEngineOn(await writeReportData({}), { queries: { funnel } })
    await expect(engine.run(query)).rejects.toThrow(/disabled|locked|Permission/)
  })

  it('has the columns of all tables', async () => {
    const all = `SELECT ${Object.keys(reportTables)
      .map((table) => `(SELECT count(*) FROM ${table})`)
      .join(', ')}`
    const engine = await reportEngineOn(await writeReportData({}), { queries: { funnel: all } })
    expect((await engine.run(query)).rows).toEqual([[0, 0, 0]])
  })
})
