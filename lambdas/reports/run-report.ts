import { SitewrightError } from '../../core/errors.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Clocks } from '../../core/ports/context.ts'
import { csvOf, type Separator } from '../leads/lead-csv.ts'
import { differenceOf, verdictOf } from './newcombe.ts'
import type { ReportCell, ReportEngine, ReportQuery, ReportResult } from './ports.ts'
import {
  type ColumnKind,
  isReportName,
  kindOf,
  type ReportGroup,
  type ReportName,
  reportNames,
  reportOf,
} from './reports.ts'

const columns = [
  'offer',
  'measure',
  'variant',
  'accounts',
  'reached',
  'share',
  'against',
  'difference',
  'low',
  'high',
  'verdict',
]

interface Counted {
  readonly offer: string
  readonly variant: string
  readonly accounts: number
  readonly activated: number
  readonly paid: number
}

const countedOf = ([offer, variant, accounts, activated, paid]: readonly ReportCell[]): Counted => ({
  offer: String(offer),
  variant: String(variant),
  accounts: Number(accounts),
  activated: Number(activated),
  paid: Number(paid),
})

const measures = ['activated', 'paid'] as const

/** Compares each variant of an offer with the first one, with a Newcombe interval, for each measure. */
const compareVariants = ({ rows, ...result }: ReportResult): ReportResult => {
  const offers = Map.groupBy(rows.map(countedOf), ({ offer }) => offer)
  const compared = [...offers.values()].flatMap((variants) =>
    measures.flatMap((measure) => {
      const proportions = variants.map((counted) => ({ counted, reached: counted[measure], of: counted.accounts }))
      return proportions.map(({ counted, reached, of }, place): readonly ReportCell[] => {
        const [first] = proportions
        const about = [counted.offer, measure, counted.variant, of, reached, of === 0 ? null : reached / of]
        if (first === undefined || place === 0) return [...about, null, null, null, null, null]
        const { difference, low, high } = differenceOf({ reached, of }, first) ?? {}
        const verdict = verdictOf({ reached, of }, first)
        return [...about, first.counted.variant, difference ?? null, low ?? null, high ?? null, verdict]
      })
    }),
  )
  return { ...result, columns, rows: compared }
}

/** What somebody asks for. Days are in UTC, and both are included. */
export interface AskedReport {
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly offer?: string | undefined
  readonly by?: ReportGroup | undefined
}

export interface Report extends Omit<ReportResult, 'columns' | 'asOf'> {
  readonly name: ReportName
  readonly title: string
  readonly from: string
  readonly until: string
  readonly offer: string | null
  readonly by: ReportGroup | null
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[]
  readonly asOf: Instant | null
}

export interface ReportPorts {
  readonly reportEngine: ReportEngine
  readonly clocks: Pick<Clocks, 'domain' | 'wall'>
  readonly reportPolicy: { readonly awakeHourCost: number }
}

const usualDays = 90
/** Three years: a report of months lists at most 49. */
const maxDays = 1100

const refuse = (path: string, message: string): SitewrightError =>
  new SitewrightError('InvalidRequest', `The parameter ${path} ${message}.`, { fields: [{ path, message }] })

const dayBefore = (day: string, days: number): string => plusDays(`${day}T00:00:00.000Z`, -days).slice(0, 10)

const periodOf = ({ clocks }: ReportPorts, asked: AskedReport) => {
  const until = asked.until ?? clocks.domain().slice(0, 10)
  const from = asked.from ?? dayBefore(until, usualDays - 1)
  if (until < from) throw refuse('until', `is before the first day, ${from}`)
  if (from < dayBefore(until, maxDays))
    throw refuse('from', `is more than ${maxDays} days before the last day, ${until}`)
  return { from, until }
}

const readName = (name: string): ReportName => {
  if (isReportName(name)) return name
  throw new SitewrightError('NotFound', `There is no report ${name}. The reports are ${reportNames.join(', ')}.`)
}

/**
 * Runs a report: of the last 90 days, and by offer, unless asked otherwise.
 * @throws {SitewrightError} `NotFound` for an unknown name, `InvalidRequest` for a period or a grouping that is not possible.
 */
export const runReport = async (ports: ReportPorts, given: string, asked: AskedReport): Promise<Report> => {
  const name = readName(given)
  const { title, tables, isGrouped, needsPast } = reportOf(name)
  if (asked.by !== undefined && isGrouped === undefined) throw refuse('by', `does not apply to the report ${name}`)
  const { from, until } = periodOf(ports, asked)
  const by = isGrouped ? (asked.by ?? 'offer') : undefined
  const query: ReportQuery = {
    name,
    tables,
    sinceDay: needsPast ? undefined : from,
    from: `${from}T00:00:00.000Z`,
    until: plusDays(`${until}T00:00:00.000Z`, 1),
    now: ports.clocks.domain(),
    offer: asked.offer,
    by,
    awakeHourCost: ports.reportPolicy.awakeHourCost,
  }
  const found = await ports.reportEngine.run(query)
  const { columns, asOf = null, ...rows } = name === 'variants' ? compareVariants(found) : found
  return {
    ...{ name, title, from, until, offer: asked.offer ?? null, by: by ?? null },
    columns: columns.map((column) => ({ name: column, kind: kindOf(column) })),
    ...rows,
    asOf,
  }
}

export const moreRows = 'There are more rows. Ask for a shorter period.'

/** A report as CSV. Where it lacks rows, the last line says so. */
export const reportCsv = ({ columns: shown, rows, truncated }: Report, separator?: Separator): string =>
  csvOf(
    shown.map(({ name }) => name),
    truncated ? [...rows, shown.map((_, place) => (place === 0 ? moreRows : null))] : rows,
    separator,
  )

const cachedMilliseconds = 300_000
const maxCached = 50

/** Keeps reports for five minutes, so that a page that many open costs one query. */
export const cachedReports = (ports: ReportPorts): ((name: string, asked: AskedReport) => Promise<Report>) => {
  const kept = new Map<string, { readonly until: Instant; readonly report: Promise<Report> }>()
  return (name, { from, until, offer, by }) => {
    const now = ports.clocks.wall()
    // The usual period ends today.
    const key = JSON.stringify([name, from, until, offer, by, ports.clocks.domain().slice(0, 10)])
    const found = kept.get(key)
    if (found !== undefined && found.until > now) return found.report
    const report = runReport(ports, name, { from, until, offer, by })
    kept.delete(key)
    kept.set(key, { until: plusMilliseconds(now, cachedMilliseconds), report })
    const [oldest] = kept.keys()
    if (kept.size > maxCached && oldest !== undefined) kept.delete(oldest)
    report.catch(() => kept.delete(key))
    return report
  }
}
