// Starts the welcome site as version RELEASE of a product. While the file BROKEN exists, it ends.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

console.log(`release ${process.env.RELEASE} starts`)
if (existsSync(process.env.BROKEN)) {
  console.error('cannot read the file settings.json')
  process.exit(7)
}
await import(resolve('server.ts'))
