import { existsSync } from 'node:fs'
import { mkdir, mkdtempDisposable, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { chooseRuntime } from '../../local/choose-runtime.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { passTime } from '../support/pass-time.ts'
import { probeLaunch } from '../support/probe-launch.ts'
import { waitFor } from '../support/wait-for.ts'

afterEach(() => vi.unstubAllEnvs())

const homeId = '0123456789abcdef'
const left = probeLaunch()

/** A home whose host may have left a site in the engine `former`; another engine is `other`. */
const opened = async (prefix = 'sitewright-runtime-') => {
  const temporary = await mkdtempDisposable(join(tmpdir(), prefix))
  const stack = new AsyncDisposableStack()
  stack.defer(() => temporary.remove())
  const pathOf = (name: string) => join(temporary.path, `${name}.sock`)
  const addressOf = (name: string) => `unix://${pathOf(name)}`

  /** Answers like an engine of another machine that runs these sites. */
  const serve = async (name: string, running: readonly string[] = []) => {
    const asked: string[] = []
    const sites = new Set(running)
    const labels = {
      'sitewright.home': homeId,
      'sitewright.cell': left.cell,
      'sitewright.container': 'web',
      'sitewright.stop-seconds': '0',
    }
    const listed = () =>
      [...sites].map((site) => ({
        Id: site,
        Names: [],
        State: 'running',
        Labels: { ...labels, 'sitewright.site': site },
      }))
    const answers: readonly (readonly [RegExp, () => unknown])[] = [
      [/_ping/, () => 'OK'],
      [/info/, () => ({ Name: `not this machine (${name})`, SecurityOptions: [] })],
      [/version/, () => ({ Arch: 'amd64', Components: [] })],
      [/containers\/json/, listed],
      [/networks/, () => []],
    ]
    const server = createServer((request, response) => {
      const path = request.url?.split('?')[0] ?? ''
      asked.push(`${request.method} ${path}`)
      if (request.method === 'DELETE') sites.clear()
      if (path.endsWith('/images/create')) return
      const answer = request.method === 'GET' ? answers.find(([pattern]) => pattern.test(path))?.[1]() : undefined
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? { message: 'no such thing' }))
    })
    await new Promise<void>((done) => server.listen(pathOf(name), done))
    stack.defer(() => {
      server.closeAllConnections()
      server.close()
    })
    return { asked, sites }
  }

  const run = join(temporary.path, 'run')
  await mkdir(run)
  const record = join(run, 'containers.json')
  await writeFile(record, JSON.stringify({ engine: addressOf('former') }))
  // No usual address answers by chance.
  vi.stubEnv('XDG_RUNTIME_DIR', '')
  vi.stubEnv('DOCKER_HOST', '')
  const directories = { run, logs: join(temporary.path, 'logs'), data: join(temporary.path, 'data') }
  const around = (runtime: string) => ({
    home: { id: homeId, directory: temporary.path, directories },
    settings: { runtime, isPublic: false, routers: 'service' },
    storage: { directoryOf: () => temporary.path, handOver: async () => undefined },
    blueprintFiles: { blueprints: [{ ...left.blueprint, outbound: 'internet' }], resolvePath: () => '' },
    blueprints: {},
    offered: [left.blueprint.name],
    recorded: new Map(),
    pushedImages: { load: async () => false, software: () => ({}) },
    log: recordingLog(),
  })
  /** @returns what the host would print. */
  const open = (runtime = 'containers') =>
    chooseRuntime(around(runtime) as unknown as Parameters<typeof chooseRuntime>[0])
  const start = async (runtime?: string): Promise<string> => {
    const chosen = await open(runtime)
    await chosen.runtime.close()
    return chosen.description
  }
  return {
    open,
    start,
    serve,
    addressOf,
    record,
    /** The engine that a host finds by itself. */
    findByItself: async (name: string) => {
      await mkdir(join(temporary.path, 'podman'))
      await symlink(pathOf(name), join(temporary.path, 'podman', 'podman.sock'))
      vi.stubEnv('XDG_RUNTIME_DIR', temporary.path)
    },
    recorded: async () => (existsSync(record) ? JSON.parse(await readFile(record, 'utf8')).engine : undefined),
    link: (name: string, to: string) => symlink(pathOf(to), pathOf(name)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

test.each(['containers', 'auto'])(
  'a host refuses to start sites a second time while the engine that has them is away (%s)',
  async (runtime) => {
    await using scene = await opened()
    await scene.serve('other')
    await scene.findByItself('other')
    await expect(scene.start(runtime)).rejects.toThrow(
      `engine at ${scene.addressOf('former')}, which does not answer, while another one answers at unix:///`,
    )
    vi.stubEnv('DOCKER_HOST', scene.addressOf('other'))
    await expect(scene.start(runtime)).rejects.toThrow(`or delete ${scene.record} if you know that none of them runs`)
    expect(await scene.recorded()).toBe(scene.addressOf('former'))
  },
)

test('a host says so where no engine can mount its home', async () => {
  await using scene = await opened('sitewright:runtime-')
  await scene.serve('former')
  await expect(scene.start()).rejects.toThrow(/whose path has a colon; .* set SITEWRIGHT_HOME/)
})

test('a host uses the engine that has its sites before one that it would find', async () => {
  await using scene = await opened()
  await scene.serve('former', [left.siteId])
  await scene.serve('other')
  await scene.findByItself('other')
  expect(await scene.start()).toContain(`the engine at ${scene.addressOf('former')}`)
  expect(await scene.recorded()).toBe(scene.addressOf('former'))
})

test('a host takes its sites out of their engine before it uses the one that DOCKER_HOST names', async () => {
  await using scene = await opened()
  const former = await scene.serve('former', [left.siteId])
  await scene.serve('other')
  vi.stubEnv('DOCKER_HOST', scene.addressOf('other'))
  expect(await scene.start()).toContain(`the engine at ${scene.addressOf('other')}`)
  expect([...former.sites]).toEqual([])
  expect(await scene.recorded()).toBe(scene.addressOf('other'))
})

test('another name for the same engine interrupts no site', async () => {
  await using scene = await opened()
  const former = await scene.serve('former', [left.siteId])
  await scene.link('other', 'former')
  vi.stubEnv('DOCKER_HOST', scene.addressOf('other'))
  await scene.start()
  expect([...former.sites]).toEqual([left.siteId])
})

test('processes begin when the containers are gone from the engine that has them, and from no other', async () => {
  await using scene = await opened()
  const other = await scene.serve('other', [left.siteId])
  await scene.findByItself('other')
  expect(await scene.start('processes')).toContain('processes')
  expect([...other.sites]).toEqual([left.siteId])
  expect(await scene.recorded()).toBe(scene.addressOf('former'))
  const former = await scene.serve('former', [left.siteId])
  await scene.start('processes')
  expect([[...former.sites], [...other.sites]]).toEqual([[], [left.siteId]])
  expect(await scene.recorded()).toBeUndefined()
})

test('a host whose routers run on stops within five seconds, also while the engine pulls an image', async () => {
  await using scene = await opened()
  const { asked } = await scene.serve('former')
  const { runtime } = await scene.open()
  const starting = runtime.start({ ...left, blueprint: { ...left.blueprint, outbound: 'internet' } }).catch(String)
  await waitFor(() => asked.some((call) => call.endsWith('/images/create')))
  await passTime(5000, () => runtime.close())
  await scene[Symbol.asyncDispose]()
  expect(await starting).toContain('Unavailable')
})
