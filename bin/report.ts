import { access, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { createReportEngine } from '../adapters/duckdb/report-engine.ts'
import { readReportDirectory } from '../adapters/files/report-files.ts'
import { toInstant } from '../core/instant.ts'
import type { ReportCell } from '../lambdas/reports/ports.ts'
import { reportGroups, reportNames, reportOf } from '../lambdas/reports/reports.ts'
import { moreRows, type Report, reportCsv, runReport } from '../lambdas/reports/run-report.ts'
import { homeDirectory } from '../local/home/open-home.ts'
import config from '../sitewright.config.ts'
import { runCommand } from './command-line/read-options.ts'
import { unlessEnding } from './command-line/run-to-end.ts'

const usage = `Prints a report of the data set in the home of a host, which may run (docs/reports.md).

  npm run --silent report -- funnel
  npm run --silent report -- revenue --from 2026-01-01 --until 2026-06-30 --csv

${reportNames.map((name) => `  ${name.padEnd(18)} ${reportOf(name).title}`).join('\n')}

  --from <day>       the first day, UTC (90 days in all)
  --until <day>      the last day, UTC (today)
  --offer <id>       one offer (all)
  --by <group>       ${reportGroups.join(', ')} (offer)
  --csv              prints CSV
`

const optionsSchema = z.strictObject({
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
  offer: z.string().optional(),
  by: z.enum(reportGroups).optional(),
  csv: z.boolean().optional(),
})

const shownAs = (cell: ReportCell, kind: Report['columns'][number]['kind']): string => {
  if (cell === null) return '–'
  if (typeof cell === 'string') return cell
  if (kind === 'share') return `${(cell * 100).toFixed(1)} %`
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(2)
}

/** A table of text, with numbers to the right. */
const tableOf = ({ columns, rows }: Report): string => {
  const cells = rows.map((row) => row.map((cell, place) => shownAs(cell, columns[place]?.kind ?? 'text')))
  const lines = [columns.map(({ name }) => name), ...cells]
  const widths = columns.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)))
  const isText = columns.map(({ kind }) => kind === 'text' || kind === 'verdict')
  const padded = (text: string, place: number): string =>
    isText[place] ? text.padEnd(widths[place] ?? 0) : text.padStart(widths[place] ?? 0)
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n')
}

const print = (report: Report, { csv }: { readonly csv?: boolean | undefined }): void => {
  const { rows, title, from, until, asOf, truncated } = report
  if (csv) {
    process.stdout.write(reportCsv(report))
    return
  }
  console.log(`${title}, ${from} to ${until}${asOf === null ? '' : `, as of ${asOf}`}\n`)
  console.log(rows.length === 0 ? 'There is nothing in this period.' : tableOf(report))
  if (truncated) console.log(`\n${moreRows}`)
}

// The name comes before the options.
const [name] = process.argv[2]?.startsWith('-') ? [] : process.argv.splice(2, 1)

await runCommand(
  optionsSchema,
  usage,
  async ({ csv, ...asked }, signal) => {
    if (name === undefined) throw new Error(`give the name of a report\n\n${usage}`)
    const directory = join(homeDirectory(process.env), 'reports')
    await access(directory).catch(() => {
      throw new Error(`there is no data set at ${directory} yet: start the host, or set SITEWRIGHT_HOME to its home`)
    })
    await using copies = await mkdtempDisposable(join(tmpdir(), 'sitewright-report-'))
    const reportEngine = createReportEngine({
      source: readReportDirectory(directory),
      directory: copies.path,
      memoryMiB: 512,
      threads: 2,
      timeoutMilliseconds: 60_000,
    })
    const now = (): string => toInstant(new Date())
    const ports = { reportEngine, clocks: { domain: now, wall: now }, reportPolicy: config.reports }
    print(await unlessEnding(signal, runReport(ports, name, asked)), { csv })
  },
  { cleansUp: true },
)
