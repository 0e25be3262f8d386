import { DatabaseSync } from 'node:sqlite'

/** A site that was written by the store, and the instants in it that its copies have others for. */
export interface Template {
  readonly id: string
  readonly trialEndsAt: string
  readonly dueAt: string
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const columnsOf = (database: DatabaseSync, table: string): readonly string[] =>
  database
    .prepare(`SELECT name FROM pragma_table_info(${`'${table.replaceAll("'", "''")}'`})`)
    .all()
    .map(({ name }) => String(name))

/** An instant of the template, so many seconds later, as SQL. */
const later = (instant: string): string =>
  `strftime('%Y-%m-%dT%H:%M:%S.000Z', '${instant.slice(0, 19)}', number || ' seconds')`

/** The id of a copy. Its last character says which shard the site is in, and stays. */
export const copyIdOf = (id: string, number: number): string =>
  `${id.slice(0, -10)}${String(number).padStart(9, '0')}${id.slice(-1)}`

/**
 * Copies sites within the files of the embedded engine, which has to be stopped: over its API a million take hours. Each row
 * that an engine keeps of a template is copied with another id and later instants, whatever else the row holds; that the
 * engine finds the copies is for the caller to look at.
 */
export const multiplySites = (file: string, templates: readonly Template[], copiesEach: number): void => {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA cache_size = -400000')
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%item_json%'")
      .all()
      .map(({ name }) => String(name))
    for (const table of tables) {
      const columns = columnsOf(database, table)
      const key = columns.includes('table_pk') ? 'table_pk' : 'pk'
      for (const { id, trialEndsAt, dueAt } of templates) {
        // As `copyIdOf` has it.
        const copyId = `'${id.slice(0, -10)}' || printf('%09d', number) || '${id.slice(-1)}'`
        const changed = (column: string): string =>
          ['pk', 'sk', 'gsi_pk', 'gsi_sk', 'table_pk', 'item_json'].includes(column)
            ? `replace(replace(replace(${quoted(column)}, '${id}', ${copyId}), '${dueAt}', ${later(dueAt)}), '${trialEndsAt}', ${later(trialEndsAt)})`
            : quoted(column)
        database.exec(`
          WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${copiesEach})
          INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')})
          SELECT ${columns.map(changed).join(', ')} FROM numbers CROSS JOIN
            (SELECT * FROM ${quoted(table)} WHERE ${key} = 'S:SITE#${id}')`)
      }
    }
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
}
