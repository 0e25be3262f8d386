import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { badField, Problem } from './problem.ts'

export interface Entry {
  readonly id: number
  readonly text: string
  /** RFC 3339 in UTC. */
  readonly at: string
  /** The owner wrote it. */
  readonly isOwners?: true
}

export interface EntryPage {
  /** Newest first. */
  readonly entries: readonly Entry[]
  /** Pass it on to get the next page; absent on the last one. */
  readonly cursor?: string
}

const sqliteFull = 13

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === sqliteFull

/** Opens the entries of this site, an SQLite file in its data directory. */
export const openEntries = (dataDirectory: string) => {
  const database = new DatabaseSync(join(dataDirectory, 'entries.sqlite'), { timeout: 2000 })
  // The data directory may be on NFS, where a write-ahead log does not work. FULL: acknowledged means on disk.
  database.exec(`
    PRAGMA journal_mode = DELETE;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, at TEXT NOT NULL) STRICT;
  `)
  const columns = database.prepare("SELECT name FROM pragma_table_info('entries')").all()
  if (!columns.some(({ name }) => name === 'by_owner')) {
    // Version 1 of the database has no samples. A database that already has entries gets none.
    const version = database.prepare('SELECT id FROM entries LIMIT 1').get() === undefined ? 0 : 1
    database.exec(
      `ALTER TABLE entries ADD COLUMN by_owner INTEGER NOT NULL DEFAULT 0; PRAGMA user_version = ${version}`,
    )
  }
  database.exec('CREATE INDEX IF NOT EXISTS entries_by_owner ON entries (by_owner)')
  const insert = database.prepare('INSERT INTO entries (text, at, by_owner) VALUES (?, ?, ?)')
  const newest = database.prepare('SELECT id, text, at, by_owner FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?')
  const remove = database.prepare('DELETE FROM entries WHERE id = ?')
  const change = database.prepare('UPDATE entries SET text = ? WHERE id = ? AND by_owner = 1')
  const check = database.prepare('SELECT id FROM entries LIMIT 1')
  // The index answers it, however long and many the entries are.
  const writers = database.prepare(
    'SELECT EXISTS (SELECT 1 FROM entries WHERE by_owner = 1) AS owner, EXISTS (SELECT 1 FROM entries WHERE by_owner = 0) AS visitor',
  )
  const version = database.prepare('PRAGMA user_version')

  const saving = <Saved>(save: () => Saved): Saved => {
    try {
      return save()
    } catch (error) {
      if (isDiskFull(error)) throw new Problem(507, 'This site has no disk space left, so nothing was saved.')
      throw error
    }
  }

  return {
    /** Returns once the entry is on disk. @throws {Problem} 507 where the disk is full. */
    add: (text: string, isOwner: boolean): Entry => {
      const at = new Date().toISOString()
      const id = saving(() => Number(insert.run(text, at, Number(isOwner)).lastInsertRowid))
      return { id, text, at, ...(isOwner && { isOwners: true }) }
    },
    /** Changes what the owner wrote. Nobody changes the words of visitors. @throws {Problem} 404, or 507 where the disk is full. */
    change: (id: number, text: string): void => {
      if (saving(() => change.run(text, id)).changes === 0) throw new Problem(404, 'The owner wrote no such entry.')
    },
    list: ({ limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number }): EntryPage => {
      const rows = newest.all(before, limit + 1)
      const entries = rows.slice(0, limit).map(({ id, text, at, by_owner }) => {
        const entry = { id: Number(id), text: String(text), at: String(at) }
        return by_owner === 1 ? { ...entry, isOwners: true as const } : entry
      })
      const last = entries.at(-1)
      return rows.length > limit && last !== undefined ? { entries, cursor: String(last.id) } : { entries }
    },
    /** @throws {Problem} 404 */
    remove: (id: number): void => {
      if (remove.run(id).changes === 0) throw new Problem(404, 'There is no such entry.')
    },
    /** Whether the owner has written, and somebody else. */
    writers: (): { readonly owner: boolean; readonly visitor: boolean } => {
      const { owner, visitor } = writers.get() ?? {}
      return { owner: owner === 1, visitor: visitor === 1 }
    },
    hasSamples: (): boolean => version.get()?.['user_version'] === 0,
    removeSamples: (): void => database.exec('PRAGMA user_version = 1'),
    /** @throws {Error} where the database cannot be read. */
    check: (): void => {
      check.get()
    },
    close: (): void => database.close(),
  }
}

export type Entries = ReturnType<typeof openEntries>

const maximumTextLength = 4000

/** The text of a new entry. @throws {Problem} 400 */
export const entryTextIn = (body: unknown): string => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badField('', 'must be an object such as {"text": "Hello"}')
  }
  const unknownField = Object.keys(body).find((name) => name !== 'text')
  if (unknownField !== undefined) throw badField(unknownField.slice(0, 60), 'is not known; only text is')
  const text = 'text' in body ? body.text : undefined
  if (typeof text !== 'string') throw badField('text', 'must be a string')
  if (text.trim() === '') throw badField('text', 'must not be empty')
  if (text.length > maximumTextLength) throw badField('text', `may have at most ${maximumTextLength} characters`)
  if (text.includes('\0') || !text.isWellFormed()) throw badField('text', 'holds characters that cannot be stored')
  return text
}

const wholeNumberIn = (query: URLSearchParams, name: string, maximum: number): number | undefined => {
  const value = query.get(name)
  if (value === null) return undefined
  const number = /^\d{1,16}$/.test(value) ? Number(value) : 0
  if (number < 1 || number > maximum) throw badField(name, `must be a whole number from 1 to ${maximum}`)
  return number
}

/** Parses which entries a query requests. @throws {Problem} 400 */
export const entryPageIn = (query: URLSearchParams): { limit: number; before?: number } => {
  const before = wholeNumberIn(query, 'cursor', Number.MAX_SAFE_INTEGER)
  return { limit: wholeNumberIn(query, 'limit', 200) ?? 50, ...(before === undefined ? {} : { before }) }
}
