import { randomUUID } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'

// Stores entries like the welcome site, but each in its own file, so that two of these may have the directory open at once. It
// shows only whether courses are available.
const { DATA_DIRECTORY = '.', HOST, PORT } = process.env

const textIn = async (request: IncomingMessage): Promise<string> => {
  const body: unknown = JSON.parse(await textOf(request))
  return typeof body === 'object' && body !== null && 'text' in body ? String(body.text) : ''
}

/** By the router's entitlement. Its signature is not checked, because nobody else reaches a site. */
const hasCourses = ({ headers }: IncomingMessage): boolean => {
  const token = String(headers['x-sitewright-entitlement'] ?? '')
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}')
  const features = typeof claims === 'object' && claims !== null && 'features' in claims ? claims.features : []
  return Array.isArray(features) && features.includes('scorm')
}

const server = createServer(async (request, response) => {
  const { method, url = '/' } = request
  if (url === '/api/courses') {
    response.writeHead(hasCourses(request) ? 200 : 402, { 'Content-Type': 'application/json' }).end('{}')
    return
  }
  if (method !== 'POST') {
    const entries = readdirSync(DATA_DIRECTORY).map((name) => ({ id: name, text: name.split('_')[0] ?? '' }))
    const isShort = url.includes('limit=5')
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ entries: isShort ? entries.slice(0, 5) : entries }))
    return
  }
  const text = await textIn(request)
  const id = `${text}_${randomUUID()}`
  writeFileSync(join(DATA_DIRECTORY, id), '')
  response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ id, text }))
})
server.keepAliveTimeout = 75_000
server.listen(Number(PORT), HOST)
process.on('SIGTERM', () => server.close(() => process.exit()))
