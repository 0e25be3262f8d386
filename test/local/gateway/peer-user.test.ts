import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Connection } from '../../../local/gateway/peer-address.ts'
import { peerUserIn, tellsUsersApart, trustedUsers } from '../../../local/gateway/peer-user.ts'
import { canTest } from '../../support/can-test.ts'
import { consoleWith, served } from '../served.ts'

type Order = 'BE' | 'LE'

/** As the kernel prints an address: `%08X` of each 32-bit word. */
const printed = (bytes: readonly number[], order: Order): string => {
  const words = Array.from({ length: bytes.length / 4 }, (_, word) => bytes.slice(4 * word, 4 * word + 4))
  return words
    .flatMap((word) => (order === 'LE' ? word.toReversed() : word))
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
}

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]

const textOf = (bytes: readonly number[]): string =>
  bytes.length === 4
    ? bytes.join('.')
    : Array.from({ length: 8 }, (_, group) => (256 * bytes[2 * group]! + bytes[2 * group + 1]!).toString(16)).join(':')

const byte = fc.integer({ min: 0, max: 255 })
const ipv4 = fc.oneof(fc.constant([127, 0, 0, 1]), fc.array(byte, { minLength: 4, maxLength: 4 }))
const ipv6 = fc.oneof(
  fc.constant([...Array(15).fill(0), 1] as number[]),
  fc.array(byte, { minLength: 16, maxLength: 16 }),
)
const port = fc.integer({ min: 1, max: 65_535 })

/** An end of a connection, as the kernel and as Node may write it. */
const end = fc.oneof(
  ipv4.chain((bytes) =>
    fc.record({
      bytes: fc.constantFrom(bytes, [...mappedPrefix, ...bytes]),
      address: fc.constantFrom(textOf(bytes), `::ffff:${textOf(bytes)}`),
    }),
  ),
  ipv6.map((bytes) => ({ bytes, address: textOf(bytes) })),
)
const ends = fc.record({ from: end, fromPort: port, to: end, toPort: port })
type Ends = typeof ends extends fc.Arbitrary<infer Value> ? Value : never

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

const row = ({ from, fromPort, to, toPort }: Ends, order: Order, user: number, inode: number, state = '01'): string => {
  const place = (bytes: readonly number[], at: number) =>
    `${printed(bytes, order)}:${at.toString(16).toUpperCase().padStart(4, '0')}`
  return `   7: ${place(from.bytes, fromPort)} ${place(to.bytes, toPort)} ${state} 00000000:00000000 02:0000A5B3 00000000 ${String(user).padStart(5)}        0 ${inode} 2 0000000000000000 20 4 30 10 -1`
}

const connectionOf = ({ from, fromPort, to, toPort }: Ends): Connection => ({
  remote: { address: from.address, port: fromPort },
  local: { address: to.address, port: toPort },
})

/** The server's own end of a connection is in the table too. */
const otherEnd = ({ from, fromPort, to, toPort }: Ends): Ends => ({
  from: to,
  fromPort: toPort,
  to: from,
  toPort: fromPort,
})

const keyOf = (one: Ends): string => JSON.stringify(one)

describe('the user of a connection', () => {
  it('is found in any table, in either byte order, by either form of an address', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ ends, user: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }), {
          selector: ({ ends: one }) => `${one.fromPort} ${one.toPort}`,
          minLength: 1,
          maxLength: 20,
        }),
        fc.constantFrom<Order>('BE', 'LE'),
        (connections, order) => {
          const lines = connections.flatMap(({ ends: one, user }, index) =>
            keyOf(one) === keyOf(otherEnd(one))
              ? [row(one, order, user, index + 1)]
              : [row(otherEnd(one), order, 4_000_000_000, index + 100), row(one, order, user, index + 1)],
          )
          const table = [header, ...lines].join('\n')
          const known = connections.filter(({ ends: { fromPort, toPort } }) =>
            connections.every(({ ends: other }) => other.fromPort !== toPort || other.toPort !== fromPort),
          )
          for (const { ends: one, user } of known) expect(peerUserIn(table, connectionOf(one), order)).toBe(user)
        },
      ),
    )
  })

  it('is unknown once its process has closed it: the kernel then prints user 0, which is no proof of root', () => {
    fc.assert(
      fc.property(ends, fc.constantFrom('01', '04', '05', '06', '08'), (one, state) => {
        const table = [header, row(one, 'LE', 0, 0, state)].join('\n')
        expect(peerUserIn(table, connectionOf(one), 'LE')).toBeUndefined()
      }),
    )
  })

  it('is not that of another connection, and a damaged table has none', () => {
    fc.assert(
      fc.property(ends, ends, fc.string(), (one, other, noise) => {
        fc.pre(one.fromPort !== other.fromPort)
        const table = [header, noise.replaceAll(/\s/g, ''), row(one, 'LE', 7, 1)].join('\n')
        expect(peerUserIn(table, connectionOf(other), 'LE')).toBeUndefined()
      }),
    )
    for (const table of ['', header, 'no table\nat all']) {
      const connection = { remote: { address: '::1', port: 1 }, local: { address: '::1', port: 2 } }
      expect(peerUserIn(table, connection)).toBeUndefined()
    }
  })
})

test('trusts root, the own user, and the one who typed sudo', () => {
  expect(trustedUsers(1000, { SUDO_UID: '33' })).toEqual([0, 1000])
  expect(trustedUsers(0, { SUDO_UID: '1000' })).toEqual([0, 0, 1000])
  expect(trustedUsers(0, { SUDO_UID: 'x' })).toEqual([0, 0])
  expect(trustedUsers(undefined, {})).toEqual([0])
})

test('tells users apart on Linux', () => {
  expect(tellsUsersApart('linux')).toBe(true)
  expect(tellsUsersApart('darwin')).toBe(false)
})

const isRoot = canTest(
  process.getuid?.() === 0 && process.platform === 'linux',
  'other users of this machine are not tested: that takes root on Linux',
  { isRequired: false },
)

describe.runIf(isRoot)('another user of this machine', () => {
  const paths = ['/_local/mail', '/_local/operators', '/_local/clock', '/_local/dns/', '/_local/stripe/', '/_local/new']

  /** The first line and the body of an answer, to a shell of a user. */
  const askAs = async (user: string, port: number, path: string): Promise<string> => {
    const request = `POST ${path} HTTP/1.1\\r\\nhost: localhost:${port}\\r\\nconnection: close\\r\\ncontent-length: 0\\r\\n\\r\\n`
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${request}' >&3; cat <&3`
    const { stdout } = await promisify(execFile)('setpriv', [`--reuid=${user}`, '--clear-groups', 'bash', '-c', script])
    return stdout
  }

  const open = (localUsers?: 'own' | 'all') => {
    const answer = async (_: unknown, response: { end: (text: string) => void }) => response.end('rights')
    const console = consoleWith({
      onThisMachine: Object.fromEntries(paths.slice(1).map((path) => [path, answer])),
      ...(localUsers === undefined ? {} : { localUsers }),
    })
    return served((request, response) => void console(request, response, 'localhost'))
  }

  it.each(paths)('is refused %s with a sentence that says what to do', async (path) => {
    await using server = await open()
    const refused = await askAs('nobody', server.port, path)
    expect(refused).toMatch(/^HTTP\/1\.1 403 /)
    expect(refused).toContain('this connection is of user 65534')
    expect(refused).toContain('SITEWRIGHT_LOCAL_USERS=all')
    expect(await askAs('root', server.port, path)).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('is served where the host trusts all', async () => {
    await using server = await open('all')
    expect(await askAs('nobody', server.port, '/_local/operators')).toMatch(/^HTTP\/1\.1 200 .*rights$/s)
  })
})
