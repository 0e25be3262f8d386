import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'

const lowest = 20_000

/**
 * The system assigns ports of outgoing connections from this range upwards: such a connection could take the port of an
 * engine that restarts.
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

/** A port of 127.0.0.1 without a listener, outside of the system's ephemeral range. Another program may still take it. */
export const findFreePort = async (): Promise<number> => {
  const limit = await ephemeralFrom()
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(lowest, limit)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port on 127.0.0.1 between ${lowest} and ${limit}`)
}

const listening = '0A'

/** The sockets that listen on a TCP port, by inode: proc_net(5). */
const listeningInodes = async (port: number): Promise<readonly string[]> => {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === listening)
    .flatMap((fields) => fields[9] ?? [])
}

/**
 * Whether this process itself listens on the port, rather than another that took it first. On other systems than Linux
 * it cannot be determined, and the answer is true.
 */
export const listensOn = async (pid: number, port: number): Promise<boolean> => {
  if (process.platform !== 'linux') return true
  const inodes = await listeningInodes(port)
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return inodes.some((inode) => targets.includes(`socket:[${inode}]`))
}
