import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Problem } from './problem.ts'

export interface Entry {
  readonly id: number
  readonly text: string
  /** RFC 3339 in UTC. */
  readonly at: string
}

export interface EntryPage {
  /** Newest first. */
  readonly entries: readonly Entry[]
  /** Pass it on to get the next page; absent on the last one. */
  readonly cursor?: string
}

export interface Entries {
  /** Returns once the entry is on disk. @throws {Problem} 507 where the disk is full. */
  readonly add: (text: string) => Entry
  readonly list: (page: { limit: number; before?: number }) => EntryPage
  /** @throws {Error} where the database cannot be read. */
  readonly check: () => void
  readonly close: () => void
}

const sqliteFull = 13

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === sqliteFull

/** Opens the entries of this site, an SQLite file in its data directory. */
export const openEntries = (dataDirectory: string): Entries => {
  const database = new DatabaseSync(join(dataDirectory, 'entries.sqlite'), { timeout: 2000 })
  // The data directory may be on NFS, where a write-ahead log does not work. FULL: acknowledged means on disk.
  database.exec(`
    PRAGMA journal_mode = DELETE;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, at TEXT NOT NULL) STRICT;
  `)
  const insert = database.prepare('INSERT INTO entries (text, at) VALUES (?, ?)')
  const newest = database.prepare('SELECT id, text, at FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?')
  const check = database.prepare('SELECT id FROM entries LIMIT 1')

  return {
    add: (text) => {
      const at = new Date().toISOString()
      try {
        return { id: Number(insert.run(text, at).lastInsertRowid), text, at }
      } catch (error) {
        if (isDiskFull(error)) throw new Problem(507, 'This site has no disk space left, so nothing was saved.')
        throw error
      }
    },
    list: ({ limit, before = Number.MAX_SAFE_INTEGER }) => {
      const rows = newest.all(before, limit + 1)
      const entries = rows
        .slice(0, limit)
        .map(({ id, text, at }) => ({ id: Number(id), text: String(text), at: String(at) }))
      const last = entries.at(-1)
      return rows.length > limit && last !== undefined ? { entries, cursor: String(last.id) } : { entries }
    },
    check: () => {
      check.get()
    },
    close: () => database.close(),
  }
}
