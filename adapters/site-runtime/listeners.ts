import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Listener } from '../../core/ports/runtime.ts'

interface Socket extends Listener {
  readonly inode: string
}

/** `0100007F:1F90`: the address in the machine's order of bytes, and the port. */
const local = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F):/
const listening = '0A'

const socketsOf = (table: string): readonly Socket[] =>
  table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, address = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (state !== listening) return []
      return [
        { port: Number.parseInt(address.slice(address.indexOf(':') + 1), 16), isLocal: local.test(address), inode },
      ]
    })

/** Where a process's network listens, from Linux's tables; undefined where there are none. */
const socketsSeenBy = async (pid: number): Promise<readonly Socket[] | undefined> => {
  try {
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
    )
    return tables.every((table) => table === '') ? undefined : tables.flatMap(socketsOf)
  } catch {
    return undefined
  }
}

const asListener = ({ port, isLocal }: Socket): Listener => ({ port, isLocal })

/** Where the network namespace of a process listens; undefined where it cannot be told, such as for another machine's process. */
export const listenersOfNamespace = async (pid: number): Promise<readonly Listener[] | undefined> =>
  (await socketsSeenBy(pid))?.map(asListener)

/** After the name in parentheses, which may hold anything: state, parent, group. */
const groupOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])

const pidsOfGroups = async (groups: ReadonlySet<number>): Promise<readonly string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found: string[] = []
  // One after the other: a machine may have more processes than this one may open files.
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (groups.has(groupOf(stat))) found.push(pid)
  }
  return found
}

const inodesOf = async (pid: string): Promise<readonly string[]> => {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [])
}

/** Where the processes of these groups listen; undefined where it cannot be told. @param leaders the groups' first processes. */
export const listenersOfGroups = async (leaders: readonly number[]): Promise<readonly Listener[] | undefined> => {
  const sockets = await socketsSeenBy(process.pid)
  if (sockets === undefined) return undefined
  const inodes = new Set((await Promise.all((await pidsOfGroups(new Set(leaders))).map(inodesOf))).flat())
  return sockets.filter(({ inode }) => inodes.has(inode)).map(asListener)
}
