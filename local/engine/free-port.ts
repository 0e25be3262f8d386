import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'

const lowest = 20_000

/**
 * The system takes the ports of outgoing connections from this range upwards: one of them could be gone when an engine
 * that was restarted wants its port back.
 */
const ephemeralFrom = async (): Promise<number> => {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '32768')
  const first = Number.parseInt(text, 10)
  return first > lowest + 1000 ? first : 32_768
}

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** A port of 127.0.0.1 that nobody listens on, outside of the system's ephemeral range. Somebody may still be faster. */
export const findFreePort = async (): Promise<number> => {
  const limit = await ephemeralFrom()
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(lowest, limit)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port on 127.0.0.1 between ${lowest} and ${limit}`)
}
