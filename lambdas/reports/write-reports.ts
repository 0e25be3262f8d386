import { SitewrightError } from '../../core/errors.ts'
import { plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { ChangedHour, ChangedRows, ReportFiles, RowFiles } from './ports.ts'
import { partsOfPath, type ReportTable, reportTables, writtenFile } from './report-row.ts'

export interface WriteReportsPorts extends Pick<Context, 'clocks' | 'log'> {
  readonly changedRows: ChangedRows
  readonly reportFiles: ReportFiles
  readonly rowFiles: RowFiles
  readonly reportPolicy: { readonly retentionDays: number }
}

/** A day of a table, such as `events/day=2026-11-21/`. */
const directoryOf = (table: ReportTable, day: string): string => `${table}/day=${day}/`

const isTable = (name: string | undefined): name is ReportTable => name !== undefined && name in reportTables

async function* rowsOf({ changedRows }: WriteReportsPorts, hours: readonly ChangedHour[]) {
  for (const hour of hours) yield* changedRows.rows(hour)
}

/** Writes a file of earlier files and the rows of changed hours, and forgets these. */
const write = async (
  ports: WriteReportsPorts,
  path: string,
  { table, hours, files }: { table: ReportTable; hours: readonly ChangedHour[]; files: readonly string[] },
): Promise<void> => {
  const { changedRows, reportFiles, rowFiles } = ports
  await rowFiles.join(
    { table, rows: rowsOf(ports, hours), files: files.map((file) => (to) => reportFiles.fetch(file, to)) },
    (content) => reportFiles.put(path, content),
  )
  for (const file of files) if (file !== path) await reportFiles.remove(file)
  for (const hour of hours) await changedRows.settle(hour)
}

interface Work {
  readonly hours: readonly ChangedHour[]
  readonly files: readonly string[]
}

const workOf = async ({ changedRows, reportFiles }: WriteReportsPorts): Promise<ReadonlyMap<string, Work>> => {
  const changed: ChangedHour[] = []
  for await (const hour of changedRows.hours()) changed.push(hour)
  const hours = Map.groupBy(changed, ({ table, hour }) => directoryOf(table, hour.slice(0, 10)))
  const files = Map.groupBy(
    (await reportFiles.list('')).map(({ path }) => path),
    (path) => partsOfPath(path)?.directory,
  )
  const directories = new Set([...hours.keys(), ...files.keys()])
  return new Map(
    [...directories].flatMap((directory) =>
      directory === undefined
        ? []
        : [[directory, { hours: hours.get(directory) ?? [], files: files.get(directory) ?? [] }]],
    ),
  )
}

const writeDirectory = async (
  ports: WriteReportsPorts,
  { table, day, directory }: { table: ReportTable; day: string; directory: string },
  { hours, files }: Work,
): Promise<void> => {
  const { clocks, reportFiles, reportPolicy } = ports
  const dayBefore = (days: number): string => plusDays(clocks.domain(), -days).slice(0, 10)
  if (day < dayBefore(reportPolicy.retentionDays)) {
    for (const file of files) await reportFiles.remove(file)
    for (const hour of hours) await ports.changedRows.settle(hour)
    return
  }
  if (day < dayBefore(1)) {
    const isOpen = hours.length > 0 || files.some((file) => partsOfPath(file)?.part !== 'day')
    return isOpen ? write(ports, `${directory}day.parquet`, { table, hours, files }) : undefined
  }
  for (const hour of hours) {
    const path = `${directory}${hour.hour.slice(11)}.parquet`
    await write(ports, path, { table, hours: [hour], files: files.filter((file) => file === path) })
  }
}

export async function* textOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/**
 * Writes the rows of changed hours: to a file for each hour of today and yesterday, and to one file for each earlier day, which replaces those of its
 * hours. Removes days that are too old. The next run completes one that was interrupted.
 * @throws {SitewrightError} `Unavailable` at the end if a day failed.
 */
export const writeReports = async (ports: WriteReportsPorts): Promise<void> => {
  const began = ports.clocks.domain()
  const left: string[] = []
  for (const [directory, work] of await workOf(ports)) {
    const [table, day = ''] = directory.slice(0, -1).split('/day=')
    if (!isTable(table)) continue
    try {
      await writeDirectory(ports, { table, day, directory }, work)
    } catch (error) {
      ports.log.warn({ directory, err: error }, 'files of the data set could not be written')
      left.push(directory)
    }
  }
  if (left.length > 0) throw new SitewrightError('Unavailable', `Not written: ${left.join(', ')}`)
  await ports.reportFiles.put(writtenFile, textOf(began))
}
