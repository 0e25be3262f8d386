import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

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
export const relayed = (
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
