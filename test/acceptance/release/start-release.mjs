// Starts the welcome site as version RELEASE of a product: it migrates the entries, and answers what its release checks ask for.
import { Server } from 'node:http'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const { RELEASE, DATA_DIRECTORY } = process.env
const { openEntries } = await import(resolve('entries.ts'))
openEntries(DATA_DIRECTORY).close()

const database = new DatabaseSync(join(DATA_DIRECTORY, 'entries.sqlite'), { timeout: 5000 })
const count = (query) => database.prepare(`SELECT count(*) AS count FROM ${query}`).get().count

const migrations = {
  2: 'CREATE INDEX IF NOT EXISTS entries_by_at ON entries (at)',
  // Its mistake: it shortens what is longer. It stays known after a restart.
  4: `CREATE TABLE IF NOT EXISTS shortened AS SELECT id FROM entries WHERE length(text) > 40;
    UPDATE entries SET text = substr(text, 1, 40)`,
}
const migration = migrations[RELEASE]
if (migration !== undefined) database.exec(`BEGIN IMMEDIATE; ${migration}; COMMIT`)

const checks = {
  // Its mistake: it cannot show what is longer.
  3: () => count('entries WHERE length(text) > 40') === 0,
  4: () => count('shortened') === 0,
}
const isFine = checks[RELEASE] ?? (() => true)

const { emit } = Server.prototype
Server.prototype.emit = function (name, ...rest) {
  const [request, response] = rest
  if (name !== 'request' || request.url !== '/api/release') return emit.call(this, name, ...rest)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ release: Number(RELEASE), isFine: isFine() }))
  return true
}
await import(resolve('server.ts'))
