// The least that a site can be: it says who it is, so that nobody takes another site's answer for its own.
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const { DATA_DIRECTORY, HOST, PORT, SITEWRIGHT_SITE_ID } = process.env

const isSick = (path) => path === '/sick' || existsSync(join(DATA_DIRECTORY, 'sick'))

createServer(({ url }, response) => {
  response.writeHead(isSick(url) ? 500 : 200, { connection: 'close' })
  response.end(SITEWRIGHT_SITE_ID)
}).listen(Number(PORT), HOST)
