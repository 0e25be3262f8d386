// Starts the welcome site as version RELEASE of a product. It ends while the file BROKEN exists, and where version 2 cannot migrate.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const { BROKEN, RELEASE, DATA_DIRECTORY } = process.env
const fail = (line, code) => {
  console.error(line)
  process.exit(code)
}
console.log(`release ${RELEASE} starts`)
if (existsSync(BROKEN)) fail('cannot read the file settings.json', 7)

const { openEntries } = await import(resolve('entries.ts'))
openEntries(DATA_DIRECTORY).close()
if (RELEASE === '2') {
  const database = new DatabaseSync(join(DATA_DIRECTORY, 'entries.sqlite'), { timeout: 5000 })
  const { count } = database.prepare("SELECT count(*) AS count FROM entries WHERE text LIKE '%€%'").get()
  database.close()
  if (count > 0) fail(`migration 2: ${count} entry has an amount without a currency code`, 3)
}
await import(resolve('server.ts'))
