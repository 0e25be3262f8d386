import { mkdir, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createReportEngine } from '../../../adapters/duckdb/report-engine.ts'
import { readReportDirectory } from '../../../adapters/files/report-files.ts'
import { reportNames } from '../../../lambdas/reports/reports.ts'
import { runReport } from '../../../lambdas/reports/run-report.ts'
import config from '../../../sitewright.config.ts'
import type { Section } from '../measurement.ts'
import { median } from '../statistics.ts'

const days = 365
const rounds = 5
const now = '2026-12-31T12:00:00.000Z'

/** Accounts of a year, each with a sign-up, a site, a stage, wakes and sleeps; every tenth pays. */
const accountsTable = (accounts: number): string => `CREATE TABLE accounts AS SELECT
  i, 'account-' || i AS account, 'site-' || i AS site, 'offer-' || i % 3 AS offer, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS variant,
  'campaign-' || i % 20 AS campaign, TIMESTAMP '2026-01-01' + to_milliseconds(CAST(i * ${days * 86_400_000} / ${accounts} AS BIGINT)) AS signed_up_at
  FROM range(${accounts}) AS r(i)`

/** So many events of each account: what happens to it, one after the other. */
const eventsTable = (each: number): string => `CREATE TABLE events AS SELECT
  md5(account || n) AS id, least(signed_up_at + to_milliseconds(n * 21600000), TIMESTAMP '2026-12-31 11:00:00') AS "at",
  CASE n WHEN 0 THEN 'AccountOpened' WHEN 1 THEN 'SiteClaimed' WHEN 2 THEN 'LeadStageChanged' WHEN 3 THEN 'SiteBillingChanged'
    ELSE CASE WHEN n % 2 = 0 THEN 'SiteFellAsleep' ELSE 'SiteWoke' END END AS type,
  account, CASE WHEN n = 0 THEN NULL ELSE site END AS site, offer, variant, NULL::VARCHAR AS source, NULL::VARCHAR AS medium, campaign, signed_up_at,
  'starter' AS plan, NULL::VARCHAR AS previous_plan, CASE WHEN n = 2 AND i % 3 = 0 THEN 'activated' END AS stage,
  CASE WHEN n = 1 THEN 0 WHEN n = 3 AND i % 10 = 0 THEN 900 END::BIGINT AS monthly_amount, CASE WHEN n = 3 AND i % 10 = 0 THEN 'EUR' END AS currency
  FROM accounts, range(${each}) AS r(n)`

const usageTable = `CREATE TABLE usage AS SELECT
  date_trunc('hour', least(signed_up_at + to_milliseconds(n * 172800000), TIMESTAMP '2026-12-31 11:00:00')) AS "at", account, site, offer, variant,
  NULL::VARCHAR AS source, NULL::VARCHAR AS medium, campaign, 5::BIGINT AS requests, 0::BIGINT AS client_errors, 0::BIGINT AS server_errors,
  1000::BIGINT AS bytes, 0::BIGINT AS product_events FROM accounts, range(10) AS r(n)`

const visitsTable = `CREATE TABLE visits AS SELECT date_trunc('hour', signed_up_at) AS "at", offer, variant, NULL::VARCHAR AS source,
  NULL::VARCHAR AS medium, campaign, count(*) * 8 AS visits FROM accounts GROUP BY ALL`

/** Writes a data set of a year, a file for each day of each table. */
const writeDataSet = async (directory: string, { accounts, events }: { accounts: number; events: number }) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const sql of [accountsTable(accounts), eventsTable(events / accounts), usageTable, visitsTable])
    await connection.run(sql)
  for (const table of ['events', 'usage', 'visits']) {
    for (let day = 0; day < days; day += 1) {
      const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)
      const folder = join(directory, table, `day=${date}`)
      await mkdir(folder, { recursive: true })
      const rows = `SELECT * FROM ${table} WHERE "at" >= TIMESTAMP '${date}' AND "at" < TIMESTAMP '${date}' + INTERVAL 1 DAY`
      await connection.run(`COPY (${rows}) TO '${folder}/day.parquet' (FORMAT parquet, COMPRESSION zstd)`)
    }
  }
  connection.closeSync()
  instance.closeSync()
}

const milliseconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Measures each report of a whole year, first with all files to be copied, then as a page gets it when nothing is cached. */
export const measureReports = async (events: number): Promise<Section> => {
  const accounts = events / 10
  await using home = await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-reports-'))
  await writeDataSet(join(home.path, 'reports'), { accounts, events })
  const reportEngine = createReportEngine({
    source: readReportDirectory(join(home.path, 'reports')),
    directory: join(home.path, 'copies'),
    memoryMiB: 512,
    threads: 2,
    timeoutMilliseconds: 60_000,
  })
  const ports = { reportEngine, clocks: { domain: () => now, wall: () => now }, reportPolicy: config.reports }
  const asked = { from: '2026-01-01', until: '2026-12-31' }
  const first = await milliseconds(() => runReport(ports, 'retention', asked))
  const measurements = [{ name: 'retention, with copying its files', value: first, unit: 'ms' }]
  for (const name of reportNames) {
    const times: number[] = []
    for (let round = 0; round < rounds; round += 1) times.push(await milliseconds(() => runReport(ports, name, asked)))
    measurements.push({ name, value: median(times), unit: 'ms', ...{ bar: { atMost: 3000 } } })
  }
  return {
    title: `Reports over ${events} events of ${accounts} accounts, and ${accounts * 10} hours of usage`,
    measurements,
    notes: [
      'The median of 5, of the whole year, with at most 512 MiB and two threads. Nothing is cached but the copies of the files.',
    ],
  }
}
