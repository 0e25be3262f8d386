import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { homeNamed } from '../../core/site/location.ts'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { canTestWith } from '../support/can-test.ts'
import { endLeftovers } from '../support/temporary-home/temporary-home.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { commandRunner, commandsOf } from './pages-of-sales.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Sends a signal to a group of processes. @returns whether it has any. */
const signalGroup = (leader: number | undefined, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-Number(leader), signal)
  } catch {
    return false
  }
}

/** A host that a command of a page starts. Disposing asks it to stop. */
const startBy = async (command: string, variables: Readonly<Record<string, string>>) => {
  const port = await findFreePort()
  const env = { ...process.env, ...variables, PORT: String(port) }
  const child = spawn('bash', ['-c', command], { cwd: repository, env, stdio: 'ignore', detached: true })
  const host = { port, url: `http://localhost:${port}` }
  const end = async () => {
    // npm dies of it, and would leave the host.
    signalGroup(child.pid, 'SIGTERM')
    await Promise.race([waitFor(async () => !signalGroup(child.pid, 0)), pause(300_000, undefined, { ref: false })])
    const isHung = signalGroup(child.pid, 'SIGKILL')
    await endLeftovers(variables['SITEWRIGHT_HOME'] ?? '')
    expect(isHung).toBe(false)
  }
  await waitFor(async () => (await call(host, { path: '/v1/health' }).catch(() => undefined))?.status === 200)
  return { ...host, [Symbol.asyncDispose]: end }
}

test.skipIf(!canTestWith(['restic'], 'the commands of the page of cells'))(
  'the commands of the page of cells start a host with disks, relocate a site, put a restored disk back, and drain a cell',
  async () => {
    await using directory = await temporaryDirectory()
    const disks = join(directory.path, 'mnt')
    const commands = (await commandsOf('cells.md')).map((command) => command.replaceAll('/mnt/', `${disks}/`))
    expect(commands).toHaveLength(6)
    const [start = '', relocate = '', drain = '', control = '', lose = '', putBack = ''] = commands
    const disk = (name: string) => join(disks, name)
    const mount = async () => {
      for (const name of ['fast', 'large']) await mkdir(disk(name), { recursive: true })
    }
    await mount()
    const home = join(directory.path, 'home')
    const quiet = { SITEWRIGHT_RUNTIME: 'processes', SITEWRIGHT_POOL_SIZE: '2', SITEWRIGHT_LOG: 'warn' }
    const secrets = { RESTIC_REPOSITORY: join(directory.path, 'repository'), RESTIC_PASSWORD: 'for this test' }
    const backup = (of: string, ...options: readonly string[]) =>
      promisify(execFile)('npm', ['run', 'backup', ...options], {
        cwd: repository,
        env: { ...process.env, ...secrets, SITEWRIGHT_HOME: of },
      })
    const slugs = new Map<string, string>()
    const slugsIn = async (data: string) =>
      (await readdir(data)).flatMap((name) => slugs.get(homeNamed(name, 'any')?.siteId ?? '') ?? [])
    const here = { ...quiet, SITEWRIGHT_HOME: home }

    let kept = ''
    {
      await using host = await startBy(start, here)
      await poolIsFull(host)
      for (const slug of ['ada', 'bea']) {
        const owner = await signIn(host, `${slug}@example.com`)
        slugs.set((await createSite(host, owner, { slug })).json.id, slug)
        expect((await writeEntry(host, slug, `of ${slug}`)).status).toBe(201)
      }
      const [moved] = await slugsIn(join(home, 'data'))
      kept = (await slugsIn(join(disk('fast'), 'data')))[0] ?? ''
      expect([moved, kept].toSorted()).toEqual(['ada', 'bea'])
      const [site = ''] = [...slugs].find(([, slug]) => slug === moved) ?? []
      const body = { email: 'grace@example.com', role: 'admin' }
      const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
      const begun = await commandRunner({ CONSOLE: host.url, TOKEN: token, SITE: site })(relocate)
      expect(begun).toMatchObject({ id: site, operation: 'upgrade' })
      const headers = { authorization: `Bearer ${token}` }
      await waitFor(async () => {
        const { json } = await call(host, { path: `/v1/operator/sites/${site}`, headers })
        return json['cell'] === 'large' && json['operation'] === null
      })
      expect(await slugsIn(join(disk('large'), 'data'))).toEqual([moved])
      expect(await readEntries(host, String(moved))).toEqual([`of ${moved}`])
      await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
      await backup(home)
    }

    // A machine without the disks of before.
    const restored = join(directory.path, 'restored')
    await backup(restored, '--', '--restore', 'latest')
    await rm(disks, { recursive: true })
    await mount()
    await promisify(execFile)('bash', ['-c', putBack], { env: { ...process.env, SITEWRIGHT_HOME: restored } })
    await cp(join(restored, 'cells', 'large'), disk('large'), { recursive: true })
    await using host = await startBy(start, { ...quiet, SITEWRIGHT_HOME: restored })
    for (const slug of ['ada', 'bea']) {
      const entries = await waitFor(async () => {
        const found = await readEntries(host, slug).catch(() => [])
        return found.length > 0 && found
      })
      expect(entries).toEqual([`of ${slug}`])
    }
    expect(await slugsIn(join(disk('fast'), 'data'))).toEqual([kept])

    await poolIsFull(host)
    const run = async (command: string) =>
      (await promisify(execFile)('bash', ['-c', `${command.trim()} --url ${host.url}`], { cwd: repository })).stdout
    expect(await run(drain)).toContain('drain of fast: finished')
    expect(await readEntries(host, kept)).toEqual([`of ${kept}`])
    const [pause = '', abort = ''] = control.trim().split('\n')
    await expect(run(pause)).rejects.toMatchObject({ stderr: expect.stringContaining('is finished') })
    expect(await run(abort)).toContain('drain of fast: aborted')
    expect(await run(lose)).toContain('loss of fast: requested')
  },
)
