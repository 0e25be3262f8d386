import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Plays a router process. It meets the host, whose brand is in the file `host`, before it listens, and begins with the terms of its parent,
 * if there are any. The file of its process has the brand that it began with.
 */
const [directory] = process.argv.slice(2)
const own = join(directory, String(process.pid))

let known

const begin = ({ brand }) => {
  if (known === undefined) writeFileSync(own, brand)
  else if (known !== brand) process.send({ state: 'outdated' })
  known ??= brand
}

const meetHost = () => {
  const terms = { clients: { roomForOthers: 1 }, brand: readFileSync(join(directory, 'host'), 'utf8') }
  process.send({ terms })
  begin(terms)
  process.send({ state: 'listening' })
}

process.on('message', ({ terms, end }) => {
  if (end !== undefined) {
    rmSync(own)
    process.exit(0)
  }
  begin(terms)
  meetHost()
})

const isFirst = readdirSync(directory).length === 1
if (isFirst) meetHost()
