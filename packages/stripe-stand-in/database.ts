import { DatabaseSync } from 'node:sqlite'

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

/**
 * Opens what the stand-in keeps, made if need be. What was committed is on the disk: killed at any moment, it loses nothing
 * that it has answered for.
 * @param path of the file, or `:memory:`.
 */
export const openDatabase = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(tables)
  return database
}

/** Does all of it or, where it throws, nothing. Transactions may be nested. */
export const transact = <Result>(database: DatabaseSync, work: () => Result): Result => {
  // The latest of a name is meant, so one name does for all depths: https://www.sqlite.org/lang_savepoint.html
  database.exec('SAVEPOINT work')
  try {
    const result = work()
    database.exec('RELEASE work')
    return result
  } catch (error) {
    database.exec('ROLLBACK TO work; RELEASE work')
    throw error
  }
}
