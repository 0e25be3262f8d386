// The least that a site can be: it says who it is, so that nobody takes another site's answer for its own, and what it keeps,
// so that nobody takes an empty data directory for the one it had.
// CommonJS, because it starts in half of the processor time, and a sweep starts thousands.
const { appendFileSync, existsSync, readFileSync } = require('node:fs')
const { createServer } = require('node:http')
const { join } = require('node:path')

const { DATA_DIRECTORY, HOST, PORT, SITEWRIGHT_SITE_ID, TINY_IS_SICK } = process.env

const kept = () => {
  const file = join(DATA_DIRECTORY, 'kept')
  return existsSync(file) ? readFileSync(file) : ''
}

const isSick = (path) => TINY_IS_SICK === 'yes' || path === '/sick' || existsSync(join(DATA_DIRECTORY, 'sick'))

/** Keeps all that it learns of its owner, and fails after the first time. */
const takeOwner = async (request, response) => {
  const file = join(DATA_DIRECTORY, 'owners')
  const isFirst = !existsSync(file)
  let body = ''
  for await (const chunk of request) body += chunk
  const { 'idempotency-key': key, authorization } = request.headers
  appendFileSync(file, `${JSON.stringify({ key, authorization, ...JSON.parse(body) })}\n`)
  response.writeHead(isFirst ? 500 : 204, { connection: 'close' }).end()
}

/** Keeps what a visitor writes before it says so. */
const write = (line, response) => {
  appendFileSync(join(DATA_DIRECTORY, 'written'), `${line}\n`)
  response.writeHead(204, { connection: 'close' }).end()
}

createServer((request, response) => {
  const { method, url } = request
  if (method === 'POST' && url.startsWith('/written/')) return write(url.slice(9), response)
  if (method === 'POST' && url === '/hook') return takeOwner(request, response)
  response.writeHead(isSick(url) ? 500 : 200, { connection: 'close' })
  response.end(url === '/kept' ? kept() : SITEWRIGHT_SITE_ID)
}).listen(Number(PORT), HOST)
