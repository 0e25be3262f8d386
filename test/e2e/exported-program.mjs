// A program of an account: it reads its data only with the secret that wrote it.
import { createHmac } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { DATA_DIRECTORY = '.', DB_PASSWORD = '', STRIPE_KEY = '', GREETING = '', HOST, PORT } = process.env
const lock = `${DATA_DIRECTORY}/lock`
const key = createHmac('sha256', DB_PASSWORD).update('lock').digest('hex')
if (!existsSync(lock)) writeFileSync(lock, key)
if (readFileSync(lock, 'utf8') !== key) throw new Error('the data is locked with another password')

createServer(async (request, response) => {
  const file = `${DATA_DIRECTORY}/notes/written`
  if (request.method === 'POST') {
    mkdirSync(`${DATA_DIRECTORY}/notes`, { recursive: true })
    writeFileSync(file, await new Response(request).text())
    if (!existsSync(`${DATA_DIRECTORY}/newest`)) symlinkSync('notes/written', `${DATA_DIRECTORY}/newest`)
  }
  const written = existsSync(file) ? readFileSync(`${DATA_DIRECTORY}/newest`, 'utf8') : ''
  response.end(JSON.stringify({ written, greeting: GREETING, isPayable: STRIPE_KEY !== '' }))
}).listen(Number(PORT), HOST)
