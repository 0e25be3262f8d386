import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { chmod, readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { shortSocketPath } from '../home/socket-path.ts'
import { confinedPort, relayed, socketName } from './confinement.ts'
import type { EngineProgram } from './engine.ts'

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
const listensOn = async (pid: number, port: number): Promise<boolean> => {
  if (process.platform !== 'linux') return true
  const inodes = await listeningInodes(port)
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return inodes.some((inode) => targets.includes(`socket:[${inode}]`))
}

/** Where an engine of this host answers, and how it is run there. */
export interface EnginePlace {
  readonly address: EngineAddress
  readonly role: 'engine' | 'relay'
  readonly commandFor: (
    program: EngineProgram,
    directory: string,
  ) => { readonly command: string; readonly arguments: readonly string[] }
  /** Whether this process, and no other one on its port, is what answers. */
  readonly isOwn: (pid: number) => Promise<boolean>
  readonly close: () => void
}

const addressOn = (port: number): EngineAddress => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  // Engines on one machine take any credentials; the SDK wants to have some.
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
})

/** A port of this machine's loopback, which everybody on it can reach. */
export const exposedPlace = async (): Promise<EnginePlace> => {
  const port = await findFreePort()
  return {
    address: addressOn(port),
    role: 'engine',
    commandFor: (program, directory) => ({
      command: program.command,
      arguments: program.argumentsFor({ port, directory }),
    }),
    isOwn: (pid) => listensOn(pid, port),
    close: () => {},
  }
}

/** A network namespace of its own behind a Unix socket, in a directory that only this user may enter. */
export const confinedPlace = async (
  confinement: { readonly namespaces: readonly string[] },
  socketDirectory: string,
): Promise<EnginePlace> => {
  await chmod(socketDirectory, 0o700)
  const short = shortSocketPath(socketDirectory, socketName)
  return {
    address: { ...addressOn(confinedPort), socketPath: short.path },
    role: 'relay',
    commandFor: (program, directory) =>
      relayed(confinement, socketDirectory, {
        command: program.command,
        arguments: program.argumentsFor({ port: confinedPort, directory }),
      }),
    isOwn: async () => true,
    close: () => {
      rmSync(join(socketDirectory, socketName), { force: true })
      short.close()
    },
  }
}
