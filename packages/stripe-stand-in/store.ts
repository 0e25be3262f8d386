import { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'

const tables = `
  CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    customer TEXT,
    due INTEGER,
    body TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS records_by_kind ON records (kind, seq);
  CREATE INDEX IF NOT EXISTS records_by_customer ON records (customer, kind, seq);
  CREATE INDEX IF NOT EXISTS records_by_due ON records (due, seq) WHERE due IS NOT NULL;
  CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS deliveries (
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (event, endpoint)
  );
  CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (next_at);
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
`

const bodySchema = z.object({ body: z.string() }).transform(({ body }): unknown => JSON.parse(body))
const dueSchema = z.object({ kind: z.string(), id: z.string(), due: z.int() })
const nextSchema = z.object({ next: z.int().nullable() })
const settingSchema = z.object({ value: z.string() })

interface Row {
  readonly kind: string
  readonly id: string
  readonly customer: string | null
  /** Seconds since 1970 by the domain clock; null if time does nothing to it. */
  readonly due: number | null
  readonly item: object
}

/**
 * Opens the database. A commit is on the disk before it is answered: a process that is killed loses nothing.
 * @param path of the file, or `:memory:`.
 */
export const openStore = (path: string) => {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(tables)
  const read = database.prepare('SELECT body FROM records WHERE id = ? AND kind = ?')
  const readAll = database.prepare('SELECT body FROM records WHERE kind = ? ORDER BY seq DESC')
  const readOfCustomer = database.prepare('SELECT body FROM records WHERE customer = ? AND kind = ? ORDER BY seq DESC')
  const write = database.prepare(`
    INSERT INTO records (kind, id, customer, due, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, due = excluded.due, body = excluded.body
  `)
  const firstDue = database.prepare('SELECT kind, id, due FROM records WHERE due <= ? ORDER BY due, seq LIMIT 1')
  const nextDue = database.prepare('SELECT MIN(due) AS next FROM records WHERE due > ?')
  const readSetting = database.prepare('SELECT value FROM settings WHERE name = ?')
  const writeSetting = database.prepare('INSERT INTO settings (name, value) VALUES (?, ?)')
  return {
    database,
    get: (kind: string, id: string): unknown => {
      const row = read.get(id, kind)
      return row === undefined ? undefined : bodySchema.parse(row)
    },
    /** Newest first. */
    list: (kind: string, customer: string | undefined): readonly unknown[] =>
      (customer === undefined ? readAll.all(kind) : readOfCustomer.all(customer, kind)).map((row) =>
        bodySchema.parse(row),
      ),
    put: ({ kind, id, customer, due, item }: Row): void => {
      write.run(kind, id, customer, due, JSON.stringify(item))
    },
    /** The first record that is due, and when it was. */
    firstDue: (now: number): z.infer<typeof dueSchema> | undefined => {
      const row = firstDue.get(now)
      return row === undefined ? undefined : dueSchema.parse(row)
    },
    nextDue: (now: number): number | undefined => nextSchema.parse(nextDue.get(now)).next ?? undefined,
    /** A value that outlives the process; made at the first call. */
    setting: (name: string, make: () => string): string => {
      const row = readSetting.get(name)
      if (row !== undefined) return settingSchema.parse(row).value
      const value = make()
      writeSetting.run(name, value)
      return value
    },
    /** Commits all of the work or, if it throws, nothing. Transactions may be nested. */
    transact: <Result>(work: () => Result): Result => {
      // A name refers to its latest savepoint, so one name serves all depths: https://www.sqlite.org/lang_savepoint.html
      database.exec('SAVEPOINT work')
      try {
        const result = work()
        database.exec('RELEASE work')
        return result
      } catch (error) {
        database.exec('ROLLBACK TO work; RELEASE work')
        throw error
      }
    },
    close: (): void => database.close(),
  }
}
export type Store = ReturnType<typeof openStore>
