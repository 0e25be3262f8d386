import * as z from 'zod'

const instant = z.iso.datetime({ precision: 3 })
/** Random for each account. Erasing the account deletes what connects the two. */
const accountKey = z.string()
/** A hash of the account's key and the site's id: it cannot be computed without the account's key. */
const siteKey = z.string()

/** Where an account came from. Without an offer of its own, it is of the offer `default`. */
const originColumns = {
  offer: z.string(),
  variant: z.string().optional(),
  source: z.string().optional(),
  medium: z.string().optional(),
  campaign: z.string().optional(),
}

const eventRowSchema = z.strictObject({
  /** A hash of the event's id. */
  id: z.string(),
  at: instant,
  type: z.string(),
  account: accountKey,
  site: siteKey.optional(),
  ...originColumns,
  signedUpAt: instant,
  plan: z.string().optional(),
  previousPlan: z.string().optional(),
  stage: z.string().optional(),
  /**
   * What the site pays from now on, in minor units for a month, of an event that can change it: 0 for a trial and after the end of a
   * subscription.
   */
  monthlyAmount: z.int().nonnegative().optional(),
  currency: z.string().optional(),
})
export type EventRow = z.infer<typeof eventRowSchema>

/** What visitors did on a site in an hour. */
const usageRowSchema = z.strictObject({
  at: instant,
  account: accountKey,
  site: siteKey,
  ...originColumns,
  requests: z.int(),
  clientErrors: z.int(),
  serverErrors: z.int(),
  bytes: z.int(),
  productEvents: z.int(),
})
export type UsageRow = z.infer<typeof usageRowSchema>

/** How often the first page was visited in an hour. */
const visitRowSchema = z.strictObject({ at: instant, ...originColumns, visits: z.int() })
export type VisitRow = z.infer<typeof visitRowSchema>

/**
 * The tables of the data set. A file's path is `<table>/day=2026-11-21/<hour, or day>.parquet`; its columns are the fields in
 * snake case (`signed_up_at`), instants as TIMESTAMP in UTC, integers as BIGINT, the rest as VARCHAR.
 */
export const reportTables = { events: eventRowSchema, usage: usageRowSchema, visits: visitRowSchema } as const
export type ReportTable = keyof typeof reportTables
export type RowOf<Table extends ReportTable> = z.infer<(typeof reportTables)[Table]>

/** The parts of the path of a data file; undefined for another file. `part` is an hour, such as `02`, or `day`. */
export const partsOfPath = (path: string) => {
  const [, directory, day, part] = /^([a-z]+\/day=(\d{4}-\d\d-\d\d)\/)(\d\d|day)\.parquet$/.exec(path) ?? []
  return directory === undefined || day === undefined || part === undefined ? undefined : { directory, day, part }
}

/** The file that says until when the data set has rows, by the domain clock: when the last complete run of the writer began. */
export const writtenFile = 'written-at'

/** Two rows with the same values of these fields are the same row. */
export const rowKeys = {
  events: ['id'],
  usage: ['site', 'at'],
  visits: ['at', 'offer', 'variant', 'source', 'medium', 'campaign'],
} as const satisfies { readonly [Table in ReportTable]: readonly (keyof RowOf<Table>)[] }

/** The columns of a table in order, with their types in DuckDB. */
export const columnsOf = (
  table: ReportTable,
): readonly { readonly field: string; readonly name: string; readonly type: 'BIGINT' | 'TIMESTAMP' | 'VARCHAR' }[] =>
  Object.entries(z.toJSONSchema(reportTables[table]).properties ?? {}).map(([field, schema]) => {
    const { type, format } = z.object({ type: z.string(), format: z.string().optional() }).parse(schema)
    return {
      field,
      name: field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      type: format === 'date-time' ? 'TIMESTAMP' : type === 'integer' ? 'BIGINT' : 'VARCHAR',
    }
  })

/** What the rows of an account have in common, and the secret by which they name it. It is deleted when the account is erased. */
export const accountOriginSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Random. It is in no row: without it, nobody can connect a row to an id. */
  secret: z.string(),
  ...originColumns,
  signedUpAt: instant,
})
export type AccountOrigin = z.infer<typeof accountOriginSchema>
