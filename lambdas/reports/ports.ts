import type { DomainEvent } from '../../core/events/event.ts'
import type { AccountId, SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { AccountOrigin, ReportTable, RowOf, VisitRow } from './report-row.ts'
import type { ReportName } from './reports.ts'

/** What connects an account to its rows. */
export interface ReportAccounts {
  /** Strongly consistent. */
  readonly get: (id: AccountId) => Promise<AccountOrigin | undefined>
  /** Does nothing if there is one already, or if the account is erased or unknown. */
  readonly create: (id: AccountId, origin: AccountOrigin) => Promise<void>
  /** Keeps it for late events until an instant, by the wall clock. Rebuilds no longer find the account. */
  readonly forget: (id: AccountId, until: Instant) => Promise<void>
}

/** What a rebuild has recorded, by the instant at which it began. */
export interface AccountRebuilds {
  /** The accounts whose history it has not recorded, those first that no rebuild has. New accounts may be missing: their events are recorded as they happen. */
  readonly due: (began: Instant) => AsyncIterable<AccountId>
  readonly note: (id: AccountId, began: Instant) => Promise<void>
}

/** Rows until they are in a file. Each write notes that the file of its hour is old. */
export interface ReportRows {
  /** Writes or replaces a row. @param options.keptUntil by the wall clock. */
  readonly put: <Table extends 'events' | 'usage'>(
    table: Table,
    row: { readonly id: string; readonly row: RowOf<Table>; readonly keptUntil: Instant },
  ) => Promise<void>
  /**
   * Counts one visit in its row.
   * @param options.mayBeNew false counts only in a row that exists.
   * @returns whether it was counted.
   */
  readonly countVisit: (
    visit: Omit<VisitRow, 'visits'>,
    options: { readonly mayBeNew: boolean; readonly keptUntil: Instant },
  ) => Promise<boolean>
}

/** An hour with rows that its file lacks. */
export interface ChangedHour {
  readonly table: ReportTable
  /** Such as `2026-11-21T02`. */
  readonly hour: string
  readonly changes: number
}

export interface ChangedRows {
  readonly hours: () => AsyncIterable<ChangedHour>
  readonly rows: (hour: ChangedHour) => AsyncIterable<RowOf<ReportTable>>
  /** Forgets an hour that has not changed since it was listed. */
  readonly settle: (hour: ChangedHour) => Promise<void>
}

export interface ReportFile {
  /** Such as `events/day=2026-11-21/day.parquet`. */
  readonly path: string
  /** Another one after each change of the content. */
  readonly version: string
}

/** The files of the data set: a directory, or a bucket. */
export interface ReportFiles {
  /** Whose paths begin with the prefix, by path. */
  readonly list: (prefix: string) => Promise<readonly ReportFile[]>
  /** Replaces a file as a whole. */
  readonly put: (path: string, content: AsyncIterable<Uint8Array>) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  /** Copies a file to this machine. @returns false if there is none. */
  readonly fetch: (path: string, to: string) => Promise<boolean>
}

export interface RowFiles {
  /**
   * Joins rows and earlier files: of two rows with the same key, a given row replaces one of a file. `use` gets the content of the new
   * file, to be read until it returns; it is not called without any row.
   */
  readonly join: (
    parts: {
      readonly table: ReportTable
      readonly rows: AsyncIterable<RowOf<ReportTable>>
      /** Each copies a file to a path; false if there is none. */
      readonly files: readonly ((to: string) => Promise<boolean>)[]
    },
    use: (content: AsyncIterable<Uint8Array>) => Promise<void>,
  ) => Promise<void>
}

/** The history of accounts, to rebuild the data set. */
export interface EventHistory {
  /** All events of an aggregate, oldest first. */
  readonly list: (
    aggregate:
      | { readonly type: 'site'; readonly id: SiteId }
      | { readonly type: 'account' | 'lead'; readonly id: AccountId },
  ) => AsyncIterable<DomainEvent>
}

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
  readonly truncated: boolean
  /** Until when the data set has rows; undefined while it is empty. */
  readonly asOf: Instant | undefined
}

export interface ReportEngine {
  /** @throws {SitewrightError} `Unavailable` if it takes too long. */
  readonly run: (query: ReportQuery) => Promise<ReportResult>
}
