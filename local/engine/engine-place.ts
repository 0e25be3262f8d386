import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { chmod, readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { shortSocketPath } from '../home/socket-path.ts'
import type { EngineProgram } from './engine.ts'

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

/** How a program runs in a network namespace of its own: the arguments of `unshare`. Otherwise, why it cannot. */
type Confinement = { readonly namespaces: readonly string[] } | { readonly impossible: string }

export type FindConfinement = (environment: Readonly<Record<string, string>>) => Promise<Confinement>

/**
 * A new network namespace has one interface, and it is down: netdevice(7). `/usr/sbin` may be missing in a user's PATH. The
 * last program is for images without iproute2: SIOCSIFFLAGS with IFF_UP.
 */
const bringLoopbackUp = `
PATH="$PATH:/usr/sbin:/sbin"
{ ip link set lo up || ifconfig lo up ||
  perl -MSocket -e '$r = pack("a16sx22", "lo", 1); socket(S, AF_INET, SOCK_DGRAM, 0) && ioctl(S, 0x8914, $r) || exit 1'
} 2>/dev/null || { echo 'no ip, ifconfig or perl brings the loopback interface up' >&2; exit 1; }
exec "$@"`

const unshareArguments = (namespaces: readonly string[], command: readonly string[]): readonly string[] => [
  ...namespaces,
  // Nothing in the process namespace outlives its first process, and that ends with unshare.
  ...['--net', '--pid', '--fork', '--kill-child', '--', 'sh', '-c', bringLoopbackUp, 'sh'],
  ...command,
]

/** Why a trial in these namespaces fails; undefined if it succeeds. */
const tryOut = (
  namespaces: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    const trial = [...unshareArguments(namespaces, ['true'])]
    execFile('unshare', trial, { env: environment, timeout: 10_000 }, (error, _, stderr) =>
      resolve(error ? (stderr.trim().split('\n').at(-1) ?? '') || error.message.split('\n')[0] : undefined),
    )
  })

/** Tries whether programs can have a network namespace of their own here: directly as root, otherwise in a user namespace. */
export const findConfinement: FindConfinement = async (environment) => {
  if (process.platform !== 'linux') return { impossible: 'only Linux has network namespaces' }
  let impossible = ''
  for (const namespaces of process.getuid?.() === 0 ? [[], ['--map-root-user']] : [['--map-root-user']]) {
    const failure = await tryOut(namespaces, environment)
    if (failure === undefined) return { namespaces }
    impossible = failure
  }
  return { impossible }
}

/** The engine's port in its namespace, where nothing else listens. */
export const confinedPort = 8000

/** The engine's socket, in the directory that `relayed` is given. */
export const socketName = 'engine.sock'

/** The command that runs an engine in a network namespace of its own and relays a Unix socket in `socketDirectory` to its port. */
const relayed = (
  { namespaces }: { readonly namespaces: readonly string[] },
  socketDirectory: string,
  engine: { readonly command: string; readonly arguments: readonly string[] },
): { readonly command: string; readonly arguments: readonly string[] } => ({
  command: 'unshare',
  arguments: unshareArguments(namespaces, [
    process.execPath,
    fileURLToPath(new URL('./relay.ts', import.meta.url)),
    socketDirectory,
    engine.command,
    ...engine.arguments,
  ]),
})

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
