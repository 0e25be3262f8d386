import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const { HOST, PORT, DATA_DIRECTORY, SESSION_KEY, GREETING, PAYMENT_KEY } = process.env
const release = readFileSync(join(import.meta.dirname, 'release.txt'), 'utf8').trim()

process.stdout.write(`release ${release} starts with the key ${SESSION_KEY} and ${PAYMENT_KEY}\n`)
if (release === 'broken' || GREETING === 'none') {
  process.stderr.write('cannot find module left-pad\n')
  process.exit(3)
}
const found = readdirSync(DATA_DIRECTORY).filter((name) => name !== 'written.txt')
writeFileSync(join(DATA_DIRECTORY, 'written.txt'), release, { flag: 'a' })

createServer((_, response) => {
  const written = readFileSync(join(DATA_DIRECTORY, 'written.txt'), 'utf8')
  response.end(
    JSON.stringify({ release, written, found, greeting: GREETING, isPayable: PAYMENT_KEY === 'a key of ours' }),
  )
}).listen(Number(PORT), HOST)
