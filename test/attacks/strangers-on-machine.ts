import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { demoApi, demoSite } from '../acceptance/api.ts'
import { type Attack, keepDoing, type Scene } from './attack.ts'

const socketTables = async () => {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const lines = tables.flatMap((table) => table.trim().split('\n').slice(1))
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === '0A')
    .map((fields) => ({ port: Number.parseInt(fields[1]?.split(':').at(-1) ?? '', 16), inode: fields[9] ?? '' }))
}

/** All TCP ports that some process of this network namespace listens on. Empty unless the system is Linux. */
export const listeningPorts = async (): Promise<readonly number[]> => [
  ...new Set((await socketTables()).map(({ port }) => port)),
]

/** A process and what it started, by the parents of all processes. */
const descendants = async (root: number): Promise<ReadonlySet<number>> => {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter(Number.isInteger)
  const parents = new Map<number, number>()
  for (const pid of pids) {
    // A process may have ended meanwhile. Its name, which may hold anything, is in brackets.
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    parents.set(pid, Number(state.slice(state.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const isBelow = (pid: number | undefined): boolean => pid === root || (Boolean(pid) && isBelow(parents.get(pid ?? 0)))
  return new Set(pids.filter(isBelow))
}

const socketsOf = async (pid: number): Promise<readonly string[]> => {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

/**
 * The TCP ports of this network namespace that a process or what it started listens on: other programs may run beside it. Empty
 * unless the system is Linux.
 */
export const portsOf = async (root: number): Promise<readonly number[]> => {
  const owned = await Promise.all([...(await descendants(root))].map(socketsOf))
  const inodes = new Set(owned.flat())
  return [...new Set((await socketTables()).flatMap(({ port, inode }) => (inodes.has(inode) ? [port] : [])))]
}

const pageOrigin = 'http://tenant.localhost'

/** What listens on a port may never answer. */
const otherPortMilliseconds = 1000

/** Asks a port for the tables of a DynamoDB engine. Engines for one machine check no signature. */
export const askForTables = (port: number, headers: Readonly<Record<string, string>> = {}): Promise<string> =>
  fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': '20300101T000000Z',
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20300101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0',
    },
    body: '{}',
    signal: AbortSignal.timeout(otherPortMilliseconds),
  }).then(
    (response) => response.text(),
    () => '',
  )

/** Opens a site and reads the list of plans. */
const visitBoth: Attack['visit'] = async ({ origin, siteUrl }, { call }) => {
  await demoSite(siteUrl, call).open()
  const { status } = await call({ url: `${origin}/v1/plans` })
  if (status !== 200) throw new Error(`GET ${origin}/v1/plans answered ${status}`)
}

/** Repeats attempts at every port of the host. Each attempt returns what it gained, if anything. */
const tryPorts = (
  name: string,
  attempts: readonly ((scene: Scene, port: number) => Promise<string | undefined>)[],
  more: (scene: Scene) => Promise<{ readonly note?: string; readonly gained?: string }> = async () => ({}),
): Attack => ({
  name,
  milliseconds: 5000,
  begin: async (scene) => {
    const gains = new Set<string>()
    let tries = 0
    let ports: readonly number[] = []
    const harm = async (): Promise<void> => {
      ports = await scene.ports()
      if (!ports.includes(scene.port)) gains.add('this system does not list the ports, so none was tried')
      for (const port of ports) {
        for (const attempt of attempts) {
          tries += 1
          const gained = await attempt(scene, port)
          if (gained !== undefined) gains.add(gained)
        }
      }
    }
    const { note, gained } = await more(scene)
    if (gained !== undefined) gains.add(gained)
    await harm()
    const attack = keepDoing(harm, { everyMilliseconds: 20 })
    return {
      summary: () => [`${tries} tries at ${ports.length} ports`, ...(note === undefined ? [] : [note])].join('; '),
      gains: () => [...gains],
      end: attack.end,
    }
  },
  visit: visitBoth,
})

const nobody = 65_534

/** Another user of the machine asks every port for the database, and lists the home. */
export const otherUser = (): Attack =>
  tryPorts(
    'another user',
    [
      async (_, port) =>
        (await askForTables(port)).includes('TableNames') ? `port ${port} answers as a database` : undefined,
    ],
    async ({ home }) => {
      // Only root can act as another user.
      if (process.getuid?.() !== 0) return { note: 'the home is not tried: that takes root' }
      const listed = await promisify(execFile)('ls', [home], { uid: nobody, gid: nobody }).then(
        () => true,
        () => false,
      )
      return listed ? { gained: 'another user can list the home' } : { note: 'the home is closed to other users' }
    },
  )

/** @param patienceMilliseconds a busy host answers late. */
const ask = (
  url: string,
  { headers = {}, ...init }: RequestInit & { readonly headers?: Record<string, string> } = {},
  patienceMilliseconds = 60_000,
) =>
  fetch(url, {
    ...init,
    headers: { ...headers, origin: pageOrigin, 'sec-fetch-site': 'cross-site' },
    signal: AbortSignal.timeout(patienceMilliseconds),
  }).catch(() => undefined)

/** A page on a tenant's origin sends what a browser on this machine lets it send. */
export const localPage = (): Attack =>
  tryPorts(
    'a page at localhost',
    [
      async (_, port) =>
        (await askForTables(port, { origin: pageOrigin })).includes('TableNames')
          ? `port ${port} answers as a database`
          : undefined,
      async (_, port) => {
        const headers = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' }
        const preflight = { method: 'OPTIONS', headers }
        const response = await ask(`http://127.0.0.1:${port}/v1/account`, preflight, otherPortMilliseconds)
        const allowed = response?.headers.get('access-control-allow-origin') ?? undefined
        return allowed === undefined ? undefined : `port ${port} allows pages of ${allowed} to read its answers`
      },
      async ({ port: own }, port) => {
        if (port !== own) return undefined
        const body = JSON.stringify({ email: 'stranger@example.com', role: 'admin' })
        const answers = await Promise.all([
          ask(`http://localhost:${own}/_local/mail`),
          ask(`http://localhost:${own}/_local/operators`, { method: 'POST', body }),
          ask(`http://localhost:${own}/_local/clock`, { method: 'POST', body: '{"advance":"P1D"}' }),
        ])
        const open = answers.find((answer) => answer?.ok)
        return open === undefined ? undefined : `${open.url} answers a page of another origin`
      },
    ],
    async ({ origin, owner }) => {
      const response = await ask(`${origin}/v1/account`, { method: 'DELETE', headers: { cookie: owner.cookie } })
      const { email } = (await demoApi(origin, owner.token).getSession()).account
      if (email === owner.email && response?.status === 403) return { note: 'a deletion with the cookie is refused' }
      return { gained: `DELETE /v1/account with the cookie of ${email} answered ${response?.status}` }
    },
  )
