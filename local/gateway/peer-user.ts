import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { isIPv6, SocketAddress } from 'node:net'
import { endianness } from 'node:os'
import { type Connection, type ConnectionEnd, peerConnection } from './peer-address.ts'

/** Which accounts of this machine may use `/_local/`: the host's own, or all. */
export type LocalUsers = 'own' | 'all'

/** As Node writes addresses, without a zone. An IPv4 address in IPv6 form is written as IPv4: each end of a connection may have another form. */
export const canonical = (address: string): string => {
  const [plain = ''] = address.split('%', 1)
  const family = isIPv6(plain) ? 'ipv6' : 'ipv4'
  return new SocketAddress({ address: plain, family }).address.replace(/^::ffff:(?=\d+\.)/, '')
}

/** The kernel prints each 32-bit word of an address as one number, so its bytes are in this machine's order. */
const addressOf = (hex: string, order: 'BE' | 'LE'): string => {
  const bytes = Buffer.from(hex, 'hex')
  if (order === 'LE') bytes.swap32()
  return canonical(bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':'))
}

/**
 * Finds the user of the other end of a connection on this machine.
 * @param table the text of `/proc/net/tcp` or `/proc/net/tcp6`.
 * @returns undefined if the end is not listed, or its process has closed it: then the kernel prints the user 0.
 * @see proc_pid_net(5)
 */
export const peerUserIn = (
  table: string,
  { remote, local }: Connection,
  order: 'BE' | 'LE' = endianness(),
): number | undefined => {
  const isEnd = (text: string, { address, port }: ConnectionEnd): boolean => {
    const [hex = '', hexPort = ''] = text.split(':')
    return Number.parseInt(hexPort, 16) === port && addressOf(hex, order) === canonical(address)
  }
  for (const line of table.trim().split('\n').slice(1)) {
    const [, theirs = '', ours = '', , , , , user, , inode = '0'] = line.trim().split(/\s+/)
    if (inode !== '0' && isEnd(theirs, remote) && isEnd(ours, local)) return Number(user)
  }
  return undefined
}

/** A table that changes while it is read may lack a line. */
const reads = 3

const peerUser = async (connection: Connection): Promise<number | undefined> => {
  for (let read = 0; read < reads; read += 1) {
    for (const name of ['tcp', 'tcp6']) {
      const table = await readFile(`/proc/net/${name}`, 'utf8').catch(() => '')
      const user = peerUserIn(table, connection)
      if (user !== undefined) return user
    }
  }
  return undefined
}

/** The host's own user and root; for a host that `sudo` runs as root, also the user who typed that. */
export const trustedUsers = (own: number | undefined, { SUDO_UID }: NodeJS.ProcessEnv): readonly number[] => [
  0,
  ...(own === undefined ? [] : [own]),
  ...(own === 0 && /^\d+$/.test(SUDO_UID ?? '') ? [Number(SUDO_UID)] : []),
]

/** Whether this system says which user a connection belongs to. */
export const tellsUsersApart = (platform: NodeJS.Platform = process.platform): boolean => platform === 'linux'

const wayOut = 'If you trust every account of this machine, set SITEWRIGHT_LOCAL_USERS=all and restart the host'

/** @returns why the sender of a request on a connection from this machine may not use `/_local/`; undefined if it may. */
export const refuseUser = async (request: IncomingMessage, localUsers: LocalUsers): Promise<string | undefined> => {
  if (localUsers === 'all' || !tellsUsersApart()) return undefined
  const trusted = trustedUsers(process.geteuid?.(), process.env)
  const connection = peerConnection(request)
  const user = connection === undefined ? undefined : await peerUser(connection)
  if (user === undefined) {
    return `The user of this connection is unknown, as it is for one from a container or from Windows: /proc/net/tcp does not list it. ${wayOut}.`
  }
  if (trusted.includes(user)) return undefined
  return `Only users ${[...new Set(trusted)].join(' and ')} may use this page of the host, and this connection is of user ${user}. ${wayOut}.`
}
