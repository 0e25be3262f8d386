// The second container or process of one customer's product: it tells the first one that it runs, and with which secret.
import { createHash } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { LICENCE, DATA_DIRECTORY, ERP_KEY } = process.env
const file = join(DATA_DIRECTORY, 'companion.json')
writeFileSync(
  `${file}.new`,
  JSON.stringify({ licence: LICENCE, key: createHash('sha256').update(ERP_KEY).digest('hex') }),
)
renameSync(`${file}.new`, file)
process.on('SIGTERM', () => process.exit(0))
setInterval(() => undefined, 60_000)
