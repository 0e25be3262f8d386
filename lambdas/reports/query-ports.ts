import type { Instant } from '../../core/instant.ts'
import type { ReportTable } from './report-row.ts'
import type { ReportName } from './reports.ts'

/** What a query reads, and its parameters. */
export interface ReportQuery {
  readonly name: ReportName
  readonly tables: readonly ReportTable[]
  /** The first day whose files it reads; undefined for all. */
  readonly sinceDay: string | undefined
  readonly from: Instant
  /** Not included. */
  readonly until: Instant
  readonly now: Instant
  readonly offer: string | undefined
  readonly by: string | undefined
  readonly awakeHourCost: number
}

export type ReportCell = string | number | null

export interface ReportResult {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly ReportCell[])[]
  /** Whether there are more rows. */
  readonly truncated: boolean
  /** Until when the data set has rows; undefined while it is empty. */
  readonly asOf: Instant | undefined
}

export interface ReportEngine {
  /** @throws {SitewrightError} `Unavailable` if it takes too long. */
  readonly run: (query: ReportQuery) => Promise<ReportResult>
}
