import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { label } from '../../adapters/containers/site-network.ts'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { readHomeId } from '../../local/home/home-identity.ts'
import { canTestSites, testEngine } from '../support/container-engine.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { type Call, call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, poolIsFull, signIn, startSignup, writeEntry } from './visitor.ts'

// Hosts are started again and again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

const repository = fileURLToPath(new URL('../..', import.meta.url))

const childrenOf = async (pid: number): Promise<readonly number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number)

/** The routers of a home as a service of their own. */
const startRouters = async (home: string, count: number) => {
  const child = spawn(process.execPath, ['bin/routers.ts'], {
    cwd: repository,
    env: { ...process.env, SITEWRIGHT_HOME: home, SITEWRIGHT_ROUTERS: String(count), SITEWRIGHT_LOG: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const exited = once(child, 'exit')
  const pid = child.pid ?? 0
  return {
    pid,
    processes: () => childrenOf(pid),
    replace: () => child.kill('SIGHUP'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

const keptAlive = (port: number, at: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, agent, headers: { host: `${at}:${port}` } })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      response.resume().once('error', reject)
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    outgoing.end()
  })

interface Load {
  /** Waits for some more answers. */
  readonly more: () => Promise<unknown>
  /** Ends the load. @returns each outcome once. */
  readonly end: () => Promise<readonly string[]>
}

const some = 10

/** Sends requests all the time, several at once. */
const load = (ask: (count: number) => Promise<string | number>, { atOnce = 3, each = 5 } = {}): Load => {
  const outcomes = new Set<string>()
  let answers = 0
  let isOver = false
  let count = 0
  const client = async (): Promise<void> => {
    while (!isOver) {
      count += 1
      const outcome = await ask(count).then(String, (error: Error) => error.message)
      outcomes.add(outcome)
      answers += 1
      await pause(each)
    }
  }
  const clients = Promise.all(Array.from({ length: atOnce }, client))
  return {
    more: () => {
      const enough = answers + some
      return waitFor(async () => answers >= enough)
    },
    end: async () => {
      isOver = true
      await clients
      return [...outcomes]
    },
  }
}

const more = (loads: readonly Load[]) => Promise.all(loads.map((each) => each.more()))

/** What went wrong, where something did. */
const outcomeOf = async (port: number, asked: Call): Promise<string | number> => {
  const { status, text } = await call({ port }, asked)
  return status === 200 ? status : `${asked.at ?? 'the API'}: ${status} ${text}`
}

/** Below the requests per minute of a trial. */
const slowly = { atOnce: 1, each: 250 }

const health = (port: number) => load(() => outcomeOf(port, { path: '/v1/health' }))
const healthKeptAlive = (port: number) => load(() => keptAlive(port, 'localhost', '/v1/health'))
const site = (port: number) => load(() => outcomeOf(port, { at: 'ada.localhost', path: '/' }), slowly)
const siteKeptAlive = (port: number) => load(() => keptAlive(port, 'ada.localhost', '/'), slowly)
const signups = (port: number) =>
  load(async (count) => (await startSignup({ port }, `visitor-${count}@example.com`)).status, slowly)

const ownService = { SITEWRIGHT_ROUTERS: 'service', SITEWRIGHT_POOL_SIZE: '1' }

test('a host that is killed and started again fails no request for the API that may be repeated', async () => {
  await using home = await temporaryDirectory()
  await using _routers = await startRouters(home.path, 2)
  const options = { home: home.path, port: await findFreePort(), env: ownService }
  const first = await startHost(options)
  const loads = [health(first.port), healthKeptAlive(first.port)]
  await more(loads)
  await first.kill()
  await using second = await startHost(options)
  await more(loads)
  for (const { end } of loads) expect(await end()).toEqual(['200'])
  expect((await stat(join(second.home, 'run/console.sock'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(second.home, 'run/routes.sock'))).mode & 0o777).toBe(0o600)
})

test('routers are replaced one by one without a failed request', async () => {
  await using home = await temporaryDirectory()
  await using routers = await startRouters(home.path, 2)
  await using host = await startHost({ home: home.path, env: ownService })
  const ada = await signIn(host, 'ada@example.com')
  await poolIsFull(host)
  expect((await createSite(host, ada, { slug: 'ada' })).status).toBe(201)
  await waitFor(async () => (await routers.processes()).length === 2)
  const before = await routers.processes()
  const loads = [health(host.port), healthKeptAlive(host.port), site(host.port), siteKeptAlive(host.port)]
  await more(loads)
  routers.replace()
  await waitFor(async () => (await routers.processes()).every((pid) => !before.includes(pid)))
  await more(loads)
  for (const { end } of loads) expect(await end()).toEqual(['200'])
  expect((await writeEntry(host, 'ada', 'after it')).status).toBe(201)
})

test('a router process that is killed is replaced, and the others serve', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_ROUTERS: '2', SITEWRIGHT_POOL_SIZE: '0' } })
  const isRouter = async (pid: number) =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('router-process')
  const routers = async () => {
    const children = await childrenOf(host.pid)
    const are = await Promise.all(children.map(isRouter))
    return children.filter((_, index) => are[index])
  }
  const [killed = 0, other] = await waitFor(async () => (await routers()).length === 2 && routers())
  // SITEWRIGHT_POOL_SIZE stands for secrets in the environment of the host.
  expect(await readFile(`/proc/${killed}/environ`, 'utf8')).not.toContain('SITEWRIGHT_')
  process.kill(killed, 'SIGKILL')
  await waitFor(async () => !(await routers()).includes(killed))
  expect((await call(host, { path: '/v1/health' })).status).toBe(200)
  await waitFor(async () => (await routers()).length === 2)
  expect(await routers()).toContain(other)
})

test.each([
  { end: 'stopped', code: 0 },
  // systemd passes the socket again.
  { end: 'left without a process', code: 1 },
])('routers take a socket that systemd passes, at which connections wait, until they are $end', async ({ code }) => {
  await using home = await temporaryDirectory()
  const port = await findFreePort()
  const socket = createServer().listen(port, '127.0.0.1')
  await once(socket, 'listening')
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
  const program = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" bin/routers.ts'
  const routers = spawn('sh', ['-c', program, process.execPath], {
    cwd: repository,
    env: { ...process.env, SITEWRIGHT_HOME: home.path, SITEWRIGHT_ROUTERS: '1', SITEWRIGHT_LOG: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit', fd],
  })
  const exited = once(routers, 'exit')
  socket.close()
  const early = call({ port }, { path: '/v1/health' })
  await using host = await startHost({ home: home.path, port, env: ownService })
  expect((await early).status).toBe(200)
  expect((await call(host, { path: '/v1/health' })).status).toBe(200)
  if (code === 0) routers.kill('SIGTERM')
  else for (const pid of await childrenOf(routers.pid ?? 0)) process.kill(pid, 'SIGKILL')
  expect(await exited).toEqual([code, null])
})

const engine = await testEngine()

test.skipIf(!(await canTestSites(engine)))(
  'sites in containers answer while their host is stopped or killed and started again, and run on',
  async () => {
    await using home = await temporaryDirectory()
    await using _routers = await startRouters(home.path, 2)
    const options = {
      home: home.path,
      port: await findFreePort(),
      env: { ...ownService, SITEWRIGHT_RUNTIME: 'containers' },
    }
    let host = await startHost(options)
    const ada = await signIn(host, 'ada@example.com')
    await poolIsFull(host)
    const { id } = (await createSite(host, ada, { slug: 'ada' })).json
    await waitFor(async () => (await getSite(host, ada, id)).status === 'active')
    // Other tests have theirs on the same engine.
    const filters = { label: [`${label.home}=${await readHomeId(home.path)}`] }
    const containers = async () => (await engine?.calls.listContainers({ filters }))?.map(({ Id }) => Id).toSorted()
    await poolIsFull(host)
    const before = await containers()
    expect(before).toHaveLength(2)
    for (const how of ['stop', 'kill'] as const) {
      const gets = [health(host.port), healthKeptAlive(host.port), site(host.port), siteKeptAlive(host.port)]
      // What a host was doing when it was killed, nobody can repeat.
      const posts = how === 'stop' ? [signups(host.port)] : []
      await more([...gets, ...posts])
      // Not through `startHost`, which ends everything of the home.
      if (how === 'kill') await host.kill()
      else process.kill(host.pid, 'SIGTERM')
      await waitFor(async () => !(await readdir('/proc')).includes(String(host.pid)))
      host = await startHost(options)
      await more([...gets, ...posts])
      for (const { end } of gets) expect(await end()).toEqual(['200'])
      for (const { end } of posts) expect(await end()).toEqual(['201'])
    }
    expect(await containers()).toEqual(before)
    await host.stop()
  },
)
