import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

// Its database opens with the password only that it was made with, as one of a server does.
const { HOST, PORT, DB_PASSWORD = '', API_KEY, THEME, DATA_DIRECTORY = '.' } = process.env
const lock = createHash('sha256').update(DB_PASSWORD).digest('hex')

process.stdout.write(`starts with ${DB_PASSWORD} and ${API_KEY}\n`)

const database = new DatabaseSync(join(DATA_DIRECTORY, 'shop.db'))
const isNew = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'entries'").get() === undefined
if (isNew) {
  database.exec('CREATE TABLE entries (text TEXT NOT NULL); CREATE TABLE lock (digest TEXT NOT NULL)')
  database.prepare('INSERT INTO lock VALUES (?)').run(lock)
}
if (database.prepare('SELECT digest FROM lock').get()?.digest !== lock) {
  process.stderr.write('the database refuses its password\n')
  process.exit(1)
}

createServer(async (request, response) => {
  if (request.method === 'POST') {
    let text = ''
    for await (const piece of request) text += piece
    database.prepare('INSERT INTO entries VALUES (?)').run(text)
  }
  const entries = database
    .prepare('SELECT text FROM entries ORDER BY rowid')
    .all()
    .map((row) => row.text)
  response.end(JSON.stringify({ entries, theme: THEME ?? null, key: API_KEY, path: request.url }))
}).listen(Number(PORT), HOST)
