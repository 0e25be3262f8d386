import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const { HOST, PORT, THEME, API_KEY, FILES_DIRECTORY } = process.env

// Products print what they should not.
process.stdout.write(`starts with the key ${API_KEY}\n`)

createServer((_, response) => {
  if (THEME === 'broken') return response.writeHead(500).end()
  const file = readFileSync(join(FILES_DIRECTORY ?? '', 'shop.conf'), 'utf8')
  return response.end(JSON.stringify({ theme: THEME ?? null, key: API_KEY, file }))
}).listen(Number(PORT), HOST)
