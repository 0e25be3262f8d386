// Runs beside probe-site.mjs: notes in the data directory which traffic process it reached over loopback, and as whom.
import { randomUUID } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const sidecar = randomUUID()
const orderToEnd = join(process.env.DATA_DIRECTORY, 'end-sidecar')
process.once('SIGTERM', () => process.exit(0))

for (;;) {
  const traffic = await fetch(`http://127.0.0.1:${process.env.PORT}/instance`)
    .then(async (response) => (await response.json()).value)
    .catch(() => undefined)
  if (traffic !== undefined)
    writeFileSync(join(process.env.DATA_DIRECTORY, 'sidecar'), JSON.stringify({ sidecar, traffic }))
  if (existsSync(orderToEnd)) {
    rmSync(orderToEnd)
    process.exit(4)
  }
  await pause(50)
}
