// A product that makes its administrator by a hook, and fails after its work until a file is there.
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { HOST, PORT, HOOK_TOKEN, AGREES } = process.env
const owners = []

const takeOwner = async (request, response) => {
  if (request.headers.authorization !== `Bearer ${HOOK_TOKEN}`) return response.writeHead(403).end()
  let body = ''
  for await (const chunk of request) body += chunk
  owners.push({ key: request.headers['idempotency-key'], ...JSON.parse(body) })
  writeFileSync(`${AGREES}-was-asked`, '')
  response.writeHead(existsSync(AGREES) ? 204 : 500).end()
}

createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok')
  if (request.method === 'POST' && request.url === '/hook') return takeOwner(request, response)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ viewer: request.headers['x-sitewright-viewer'] !== undefined, owners }))
}).listen(Number(PORT), HOST)
