// Starts the welcome site as version LICENCE of one customer's product, and answers what its release checks ask for.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Server } from 'node:http'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const { LICENCE, DATA_DIRECTORY, ERP_KEY, IMAGE_OF = 'none' } = process.env
const key = createHash('sha256').update(ERP_KEY).digest('hex')
// The mistake of a product, which hides secrets from its operators.
console.log(`starts with ${ERP_KEY}`)

/** What a file holds; null if there is none. */
const read = (file) => {
  try {
    return JSON.parse(readFileSync(join(DATA_DIRECTORY, file), 'utf8'))
  } catch {
    return null
  }
}

/** The mistake of version 1: it cannot show long entries. */
const canShowAll = () => {
  if (LICENCE !== '1') return true
  const database = new DatabaseSync(join(DATA_DIRECTORY, 'entries.sqlite'), { timeout: 5000 })
  const { long } = database.prepare('SELECT count(*) AS long FROM entries WHERE length(text) > 40').get()
  database.close()
  return long === 0
}

const { emit } = Server.prototype
Server.prototype.emit = function (name, ...rest) {
  const [request, response] = rest
  if (name !== 'request' || request.url !== '/api/licence') return emit.call(this, name, ...rest)
  const { licence, key: its } = read('companion.json') ?? {}
  response.writeHead(200, { 'content-type': 'application/json' })
  const isFine = licence === LICENCE && its === key && canShowAll()
  response.end(JSON.stringify({ licence: Number(LICENCE), isFine, key, image: IMAGE_OF, migrated: read('migrated') }))
  return true
}
await import(resolve('server.ts'))
