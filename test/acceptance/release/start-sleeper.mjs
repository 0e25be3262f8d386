// Starts the welcome site as version RELEASE of a product with a set-up: until it has an administrator, whoever comes first becomes it.
import { existsSync, writeFileSync } from 'node:fs'
import { Server } from 'node:http'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const { RELEASE, DATA_DIRECTORY, HOOK_TOKEN } = process.env
const { openEntries } = await import(resolve('entries.ts'))
openEntries(DATA_DIRECTORY).close()

const database = new DatabaseSync(join(DATA_DIRECTORY, 'entries.sqlite'), { timeout: 5000 })
const isOld = database.prepare("SELECT id FROM entries WHERE text = 'An old entry'").get() !== undefined
database.close()

// Its mistake: it cannot read what is old.
if (RELEASE === '3' && isOld) throw new Error('an entry has an unknown format')
// Its mistake: it looks elsewhere, and finds nobody.
const file = join(DATA_DIRECTORY, RELEASE === '4' && isOld ? 'administrators.txt' : 'administrator.txt')

const form = '<form method="post"><h1>Create the administrator</h1><input type="password" name="password"></form>'

/** The answer of the set-up; undefined for all other requests. */
const answerOf = ({ method, url, headers }) => {
  const isSetUp = existsSync(file)
  if (url === '/hooks/owner') {
    if (headers.authorization !== `Bearer ${HOOK_TOKEN}`) return [403, '']
    if (!isSetUp) writeFileSync(file, 'the owner')
    return [204, '']
  }
  if (url !== '/setup') return undefined
  if (isSetUp) return [404, 'There is an administrator.']
  if (method === 'GET') return [200, form]
  writeFileSync(file, 'a stranger')
  return [201, 'Welcome, administrator.']
}

const { emit } = Server.prototype
Server.prototype.emit = function (name, ...rest) {
  const [request, response] = rest
  const answer = name === 'request' ? answerOf(request) : undefined
  if (answer === undefined) return emit.call(this, name, ...rest)
  request.resume()
  response.writeHead(answer[0], { 'content-type': 'text/html' })
  response.end(answer[1])
  return true
}
await import(resolve('server.ts'))
