// Starts the welcome site. Its database opens only with the password that it was made with, as one of a server does.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const { DATA_DIRECTORY, DB_PASSWORD } = process.env
const sha256 = (content) => createHash('sha256').update(content).digest('hex')

const files = readdirSync(DATA_DIRECTORY, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(DATA_DIRECTORY, join(entry.parentPath, entry.name)))
  .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
const lines = files.map((file) => `${sha256(readFileSync(join(DATA_DIRECTORY, file)))}  ./${file}\n`)
console.log(`starts with files ${sha256(lines.join(''))}`)

const lock = join(DATA_DIRECTORY, 'lock')
if (files.length === 0) writeFileSync(lock, sha256(DB_PASSWORD))
if (!existsSync(lock) || readFileSync(lock, 'utf8') !== sha256(DB_PASSWORD)) {
  console.error('the database refuses its password')
  process.exit(1)
}
await import(resolve('server.ts'))
