import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ContainerCreateOptions } from 'dockerode'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  type ContainerRuntime,
  type ContainerRuntimeOptions,
  createContainerRuntime,
} from '../../../adapters/containers/container-runtime.ts'
import { connectEngine, type Engine } from '../../../adapters/containers/engine.ts'
import { siteContainers } from '../../../adapters/containers/site-containers.ts'
import { siteName, traitsOf } from '../../../adapters/containers/site-network.ts'
import { createSiteFiles } from '../../../adapters/files/site-files.ts'
import { createSiteStorage, siteUser } from '../../../adapters/files/site-storage.ts'
import { createLoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import type { BlueprintContainer } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Launch, RunningSite } from '../../../core/ports/runtime.ts'
import { diagnose } from '../../../lambdas/sites/evidence/diagnose.ts'
import { canTest } from '../../support/can-test.ts'
import { canTestNetworks, canTestSites, importProbeImage, testEngine } from '../../support/container-engine.ts'
import { gateTo } from '../../support/gate.ts'
import { hasOutside, openOutside } from '../../support/outside.ts'
import {
  askProbe,
  firstHome,
  newSiteId,
  probeImage,
  probeLaunch,
  resolveInSupport,
} from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { commandContract } from './command-contract.ts'
import { healthyEndpoint, instanceOf, nextInstance, runtimeContract } from './contract.ts'
import { evidenceContract } from './evidence-contract.ts'

const found = await testEngine()
const runsSites = await canTestSites(found)
const hasNetworks = runsSites && (await canTestNetworks(found))

describe.runIf(runsSites)('with a container engine', () => {
  const engine = found as Engine
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sitewright-containers-'))
    await importProbeImage(engine)
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  /** Asks again: Podman 4.3 fails to list networks while a container ends (its issue 16383). */
  const networkNames = (): Promise<readonly string[]> =>
    vi.waitFor(async () => (await engine.calls.listNetworks()).map(({ Name }) => Name), { timeout: 30_000 })

  const storageIn = (home: string) => createSiteStorage({ root: join(directory, home, 'sites') })
  const homeIdOf = (home: string): string => `${home}-${directory.slice(-6)}`

  const createIn = (
    home: string,
    at: Engine = engine,
    options: Pick<ContainerRuntimeOptions, 'guard' | 'graceSeconds'> = {},
  ): Promise<ContainerRuntime> =>
    createContainerRuntime({
      graceSeconds: 2,
      ...options,
      engine: at,
      homeId: homeIdOf(home),
      userOf: siteUser,
      dataDirectoryOf: storageIn(home).directoryOf,
      files: createSiteFiles(join(directory, home, 'files')),
      handOver: storageIn(home).handOver,
      resolvePath: (blueprint, path) => (path.startsWith('/') ? path : resolveInSupport(blueprint, path)),
      ports: createLoopbackPorts({ file: join(directory, home, 'ports.json') }),
      log: pino({ enabled: false }),
      backOff: { first: 5, longest: 50, stableAfter: 60_000 },
    })

  const opened: ContainerRuntime[] = []
  const open = async (home: string): Promise<ContainerRuntime> => {
    const runtime = await createIn(home)
    opened.push(runtime)
    return runtime
  }
  afterAll(() => Promise.all(opened.map((runtime) => runtime.close())))

  const startIn = async (home: string, runtime: ContainerRuntime, launch: Launch): Promise<SiteId> => {
    await storageIn(home).prepare(launch)
    await runtime.start(launch)
    return launch.siteId
  }

  runtimeContract('containers', async () => {
    const runtime = await createIn('contract')
    const storage = storageIn('contract')
    return { runtime, storage, directoryOf: storage.directoryOf, close: () => runtime.close() }
  })

  evidenceContract('containers', async () => {
    const runtime = await createIn('evidence')
    const storage = storageIn('evidence')
    return { runtime, storage, directoryOf: storage.directoryOf, close: () => runtime.close() }
  })

  commandContract('containers', async () => {
    const runtime = await createIn('commands')
    const storage = storageIn('commands')
    return { runtime, storage, directoryOf: storage.directoryOf, close: () => runtime.close() }
  })

  test('a site keeps its host name and its MAC address over starts', async () => {
    const runtime = await open('identity')
    const launch = probeLaunch()
    const identity = async () =>
      (await askProbe(await healthyEndpoint(runtime, launch.siteId), '/identity')).value as Record<string, string>
    await startIn('identity', runtime, launch)
    const before = await identity()
    await runtime.remove(launch)
    await runtime.start(launch)
    expect(await identity()).toEqual(before)
    expect(before['name']).toBe(launch.siteId.replace('_', '-'))
  })

  test('a container ends by itself within the time that its blueprint gives it', async () => {
    const runtime = await createIn('stop', engine, { graceSeconds: 300 })
    opened.push(runtime)
    const launch = probeLaunch({ container: { environment: { STOP_AFTER: '3000' } } })
    const { traffic } = launch.blueprint
    const patient = { ...launch, blueprint: { ...launch.blueprint, traffic: { ...traffic, stopSeconds: 60 } } }
    const siteId = await startIn('stop', runtime, patient)
    await healthyEndpoint(runtime, siteId)
    await runtime.remove({ siteId, cell: 'local' })
    const entry = join(storageIn('stop').directoryOf(launch), 'entry')
    expect(await readFile(entry, 'utf8')).toBe('ended by itself')
  })

  test('a container that was ended for its memory says so', async () => {
    const runtime = await open('memory')
    const command = ['node', '-e', 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))']
    const launch = probeLaunch({ container: { command }, size: { cpu: 0.5, memoryMiB: 64, processes: 64 } })
    const siteId = await startIn('memory', runtime, launch)
    const seen = await waitFor(async () => {
      const found = await runtime.observe({ siteId, cell: 'local' }).catch(() => undefined)
      return found?.containers.some(({ ends }) => ends > 0) && found
    })
    expect(diagnose(seen, undefined, { healthPath: '/' })).toMatchObject({ cause: 'limit' })
  })

  test.runIf(canTest(process.getuid?.() === 0, 'owners of blueprints are not tested: they need root'))(
    'a site runs as the owner that its blueprint names, with the capabilities and the mounts that it names',
    async () => {
      const runtime = await open('owner')
      const owner = { uid: 4242, gid: 4243 }
      const launchWith = (container: Partial<BlueprintContainer>): Launch => {
        const launch = probeLaunch({ container: { mounts: [{ path: '/srv/app', directory: 'app' }], ...container } })
        return { ...launch, blueprint: { ...launch.blueprint, data: { ...launch.blueprint.data, owner } } }
      }
      const statusOf = async (launch: Launch) => {
        const endpoint = await healthyEndpoint(runtime, await startIn('owner', runtime, launch))
        const { value } = await askProbe(endpoint, '/file', { path: '/proc/self/status' })
        const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(String(value))?.[1]
        return { endpoint, uid: field('Uid'), gid: field('Gid'), capabilities: field('CapEff') }
      }
      const launch = launchWith({})
      const site = await statusOf(launch)
      expect(site).toMatchObject({ uid: '4242', gid: '4243', capabilities: '0000000000000000' })
      expect(await askProbe(site.endpoint, '/append', { path: '/srv/app/new' })).toEqual({})
      expect(await askProbe(site.endpoint, '/file', { path: '/data/app/new' })).toHaveProperty('value')
      const directory = storageIn('owner').directoryOf(launch)
      for (const path of ['', 'app', 'app/new']) expect(await stat(join(directory, path))).toMatchObject(owner)
      const script = 'try { fs.renameSync("/data/app", "/data/other") } catch (error) { console.log(error.code) }'
      const renaming = launchWith({ command: ['node', '-e', `${script}; setInterval(() => {}, 1000)`] })
      await startIn('owner', runtime, renaming)
      const printed = async () => (await runtime.observe(renaming))?.containers[0]?.lines.join() || undefined
      expect(await waitFor(printed)).toBe('EBUSY')
      // CHOWN and DAC_OVERRIDE are the first two bits.
      const privileged = await statusOf(launchWith({ capabilities: ['CHOWN', 'DAC_OVERRIDE'] }))
      expect(privileged).toMatchObject({ uid: '0', capabilities: '0000000000000003' })
    },
  )

  test('a site sees its limits, no capabilities, another user than root, and a root it cannot write to', async () => {
    const runtime = await open('limits')
    const size = { cpu: 0.5, memoryMiB: 256, processes: 64 }
    const siteId = await startIn('limits', runtime, probeLaunch({ size }))
    const endpoint = await healthyEndpoint(runtime, siteId)
    const read = async (path: string): Promise<string> => String((await askProbe(endpoint, '/file', { path })).value)
    /** Under control groups of the first version or of the second. */
    const limit = async (first: string, second: string): Promise<string> => {
      const text = await read(`/sys/fs/cgroup/${first}`)
      return (text === 'undefined' ? await read(`/sys/fs/cgroup/${second}`) : text).trim()
    }
    expect(await limit('memory/memory.limit_in_bytes', 'memory.max')).toBe(String(256 * 1_048_576))
    expect(await limit('pids/pids.max', 'pids.max')).toBe('64')
    expect(await limit('cpu/cpu.cfs_quota_us', 'cpu.max')).toMatch(/^50000\b/)

    const status = await read('/proc/self/status')
    const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]
    expect(field('CapEff')).toBe('0000000000000000')
    expect(field('CapBnd')).toBe('0000000000000000')
    expect(field('NoNewPrivs')).toBe('1')
    expect(field('Uid')?.split('\t')[1]).toBe(String(siteUser(siteId).uid))
    expect(siteUser(siteId).uid).not.toBe(0)

    const mount = (await read('/proc/self/mounts')).split('\n').find((line) => line.split(' ')[1] === '/data')
    expect(mount?.split(' ')[3]?.split(',')).toEqual(expect.arrayContaining([...(await traitsOf(engine)).bindOptions]))

    expect(await askProbe(endpoint, '/append', { path: '/new' })).toEqual({ error: 'EROFS' })
    expect(await askProbe(endpoint, '/append', { path: '/tmp/new' })).toEqual({})
  })

  test('a site can write to the same places with every engine, and can run nothing from there', async () => {
    const runtime = await open('writable')
    const siteId = await startIn(
      'writable',
      runtime,
      probeLaunch({ container: { writable: ['/var/cache', '/run/app'] } }),
    )
    const endpoint = await healthyEndpoint(runtime, siteId)
    const mounts = String((await askProbe(endpoint, '/file', { path: '/proc/self/mounts' })).value)
    const memory = mounts
      .split('\n')
      .map((line) => line.split(' '))
      .filter(
        ([, path = '', type, flags = '']) =>
          type === 'tmpfs' && flags.startsWith('rw') && !/^\/(proc|sys|dev)\b/.test(path),
      )
    expect(memory.map(([, path]) => path).toSorted()).toEqual(['/run/app', '/tmp', '/var/cache'])
    for (const [, , , flags = ''] of memory) {
      expect(flags.split(',')).toEqual(expect.arrayContaining(['nosuid', 'nodev', 'noexec', 'size=65536k']))
    }
    for (const path of ['/run/new', '/var/tmp/new', '/var/new', '/dev/new', '/etc/new']) {
      expect([path, await askProbe(endpoint, '/append', { path })]).toEqual([path, { error: expect.any(String) }])
    }
    for (const path of ['/run/app/new', '/var/cache/new', '/tmp/new']) {
      expect([path, await askProbe(endpoint, '/append', { path })]).toEqual([path, {}])
    }
  })

  test('a site cannot write to what its image declares by VOLUME, unless its blueprint says so', async () => {
    const runtime = await open('volumes')
    const context = resolve(directory, 'volumes')
    const image = `sitewright/test-volumes:${directory.slice(-6).toLowerCase()}`
    await mkdir(context)
    await writeFile(join(context, 'large'), Buffer.alloc(200_000, 'x'))
    await writeFile(
      join(context, 'Dockerfile'),
      `FROM ${probeImage}\nCOPY large /vol/\nVOLUME /vol /data /data/below /open /open/below /srv /srv/shown /tmp\n`,
    )
    const build = { context, dockerfile: 'Dockerfile' }
    const mounts = [{ path: '/srv/shown', directory: 'shown' }]
    const launch = probeLaunch({ container: { image, build, writable: ['/open'], mounts } })
    const siteId = await startIn('volumes', runtime, launch)
    const endpoint = await healthyEndpoint(runtime, siteId)
    const outcomes: Record<string, unknown> = {}
    for (const path of ['/vol', '/srv', '/data/below', '/data', '/open', '/open/below', '/srv/shown', '/tmp']) {
      outcomes[path] = await askProbe(endpoint, '/append', { path: `${path}/new` })
    }
    expect(outcomes).toEqual({
      ...{ '/vol': { error: 'EROFS' }, '/srv': { error: 'EROFS' }, '/data/below': { error: 'EROFS' } },
      ...{ '/data': {}, '/open': {}, '/open/below': {}, '/srv/shown': {}, '/tmp': {} },
    })
    const { Mounts } = await engine.calls.getContainer(siteName(siteId)).inspect()
    expect(Mounts.filter(({ Type }) => Type === 'volume')).toEqual([])
    await runtime.close()
    await engine.calls.getImage(image).remove()
  })

  test.runIf(hasNetworks)('another user of this machine cannot pass the router by', async () => {
    const runtime = await open('passed-by')
    const siteId = await startIn('passed-by', runtime, probeLaunch())
    const { host, port } = await healthyEndpoint(runtime, siteId)
    const connectAs = (user: string, ...before: readonly string[]) =>
      promisify(execFile)('setpriv', [
        `--reuid=${user}`,
        '--clear-groups',
        ...[...before, 'bash', '-c', `exec 3<>/dev/tcp/${host}/${port} && echo connected`],
      ]).then(
        ({ stdout }) => stdout.trim(),
        () => 'refused',
      )
    expect(await connectAs('root')).toBe('connected')
    expect(await connectAs('nobody', 'timeout', '5')).toBe('refused')
  })

  test('containers of one site divide its size by their shares', async () => {
    const runtime = await open('shares')
    const launch = probeLaunch({
      sidecar: true,
      container: { share: 3 },
      size: { cpu: 1, memoryMiB: 256, processes: 64 },
    })
    const siteId = await startIn('shares', runtime, launch)
    const { HostConfig } = await engine.calls.getContainer(siteName(siteId)).inspect()
    expect(HostConfig).toMatchObject({ Memory: 192 * 1_048_576, PidsLimit: 48 })
    const sidecar = await engine.calls.getContainer(`${siteName(siteId)}-probe-sidecar`).inspect()
    expect(sidecar.HostConfig).toMatchObject({ Memory: 64 * 1_048_576, PidsLimit: 16 })
  })

  test('a site cannot connect to another site, by its own address or through the machine', async () => {
    const runtime = await open('apart')
    const [one, other] = [probeLaunch(), probeLaunch()]
    await Promise.all([one, other].map((launch) => startIn('apart', runtime, launch)))
    const from = await healthyEndpoint(runtime, one.siteId)
    const { port } = await healthyEndpoint(runtime, other.siteId)
    const networkOf = async ({ siteId }: Launch) => {
      const { NetworkSettings } = await engine.calls.getContainer(siteName(siteId)).inspect()
      return Object.values(NetworkSettings.Networks)[0]
    }
    const [own, network] = [await networkOf(one), await networkOf(other)]
    const reach = async (host: string, to: number) => (await askProbe(from, '/reach', { host, port: String(to) })).value
    const expectApart = async () => {
      expect(await reach('127.0.0.1', from.port)).toBe('connected')
      expect(await reach(network!.IPAddress, port)).not.toBe('connected')
      // The machine itself, as either site sees it.
      expect(
        await reach(
          network!.IPAddress.replace(/\d+$/, (last) => String(Number(last) - 1)),
          port,
        ),
      ).not.toBe('connected')
      expect(
        await reach(
          own!.IPAddress.replace(/\d+$/, (last) => String(Number(last) - 1)),
          port,
        ),
      ).not.toBe('connected')
    }
    await expectApart()
    // Podman 4.3 forgets what keeps plain networks apart when one of them goes.
    await runtime.remove({ siteId: await startIn('apart', runtime, probeLaunch()), cell: 'local' })
    await expectApart()
  })

  describe.runIf(hasNetworks).each(['none', 'internet'] as const)('a site with outbound %s', (outbound) => {
    const openSite = async () => {
      const runtime = await open(outbound)
      const launch = probeLaunch()
      const siteId = await startIn(outbound, runtime, { ...launch, blueprint: { ...launch.blueprint, outbound } })
      const endpoint = await healthyEndpoint(runtime, siteId)
      const ask = async (path: string, query: Record<string, string>) => (await askProbe(endpoint, path, query)).value
      return {
        endpoint,
        gateway: endpoint.host.replace(/\d+$/, (last) => String(Number(last) - 1)),
        remove: () => runtime.remove({ siteId, cell: 'local' }),
        reach: (host: string, port: number) => ask('/reach', { host, port: String(port) }),
        read: async (path: string) => String(await ask('/file', { path })),
        resolve: (server: string) => ask('/resolve', { name: 'example.com', server }),
      }
    }

    test('connects to no service of this machine, at none of its addresses', { timeout: 600_000 }, async () => {
      const service = createServer((socket) => socket.destroy()).listen(0, '::')
      onTestFinished(() => void service.close())
      await once(service, 'listening')
      const { port } = service.address() as AddressInfo
      const { gateway, reach } = await openSite()
      const own = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address))
      expect(own).toContain(gateway)
      const reached = own.map(async (address) => {
        const isLocal = address.startsWith('fe80')
        return [address, await reach(isLocal ? `${address}%eth0` : address, port)]
      })
      const connected = (await Promise.all(reached)).filter(([, outcome]) => outcome === 'connected')
      expect(connected).toEqual([])
    })

    test('asks no resolver of this machine', async () => {
      const questions: Buffer[] = []
      const resolver = createSocket('udp4').on('message', (question) => questions.push(question))
      onTestFinished(() => void resolver.close())
      await new Promise<void>((done) => resolver.bind(0, '0.0.0.0', done))
      const { gateway, resolve: ask, read } = await openSite()
      expect(await ask(`${gateway}:${resolver.address().port}`)).toMatch(/TIMEOUT|REFUSED/)
      expect(await ask(`${gateway}:53`)).toMatch(/TIMEOUT|REFUSED/)
      expect(questions).toEqual([])
      const servers = (await read('/etc/resolv.conf')).match(/^nameserver .*$/gm)
      if (outbound === 'none') expect(servers).toEqual(['nameserver 192.0.2.1'])
      else expect(servers).not.toContain(`nameserver ${gateway}`)
    })

    test('is kept from other sites, also after the network of one was removed', async () => {
      const [one, other, gone] = [await openSite(), await openSite(), await openSite()]
      expect(await one.reach(other.endpoint.host, other.endpoint.port)).not.toBe('connected')
      await gone.remove()
      expect(await one.reach(other.endpoint.host, other.endpoint.port)).not.toBe('connected')
      expect(await other.reach(one.endpoint.host, one.endpoint.port)).not.toBe('connected')
    })

    test.runIf(hasOutside())(`${outbound === 'none' ? 'does not reach' : 'reaches'} other machines`, async () => {
      await using outside = await openOutside()
      const outcome = await (await openSite()).reach(outside.host, outside.port)
      if (outbound === 'internet') expect(outcome).toBe('connected')
      else expect(outcome).not.toBe('connected')
    })
  })

  test('an open runtime renews the guard of its sites', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const guard = vi.fn(async () => undefined)
    const runtime = await createIn('guarded', engine, { guard })
    expect(guard).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(guard).toHaveBeenCalledTimes(2)
    await runtime.close('leave')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(guard).toHaveBeenCalledTimes(2)
  })

  test('a container that is killed, or removed, from outside comes back', async () => {
    const runtime = await open('killed')
    const siteId = await startIn('killed', runtime, probeLaunch())
    const before = await instanceOf(runtime, siteId)
    await engine.calls.getContainer(siteName(siteId)).kill()
    const after = await nextInstance(runtime, siteId, before)
    await engine.calls.getContainer(siteName(siteId)).remove({ force: true })
    await nextInstance(runtime, siteId, after)
  })

  test('what ends while the engine cannot be reached comes back once it can', async () => {
    const gate = await gateTo(process.env['DOCKER_HOST']!.replace('unix://', ''), join(directory, 'gate.sock'))
    const runtime = await createIn('gate', await connectEngine(`unix://${gate.socket}`))
    opened.push(runtime)
    const siteId = await startIn('gate', runtime, probeLaunch())
    const before = await instanceOf(runtime, siteId)
    gate.shut()
    await engine.calls.getContainer(siteName(siteId)).kill()
    await expect(runtime.locate({ siteId, cell: 'local' })).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    await gate.open()
    await nextInstance(runtime, siteId, before)
  })

  test('an endpoint outlives the container, and the host', async () => {
    const runtime = await open('endpoint')
    const launch = probeLaunch()
    const siteId = await startIn('endpoint', runtime, launch)
    const first = await healthyEndpoint(runtime, siteId)
    const before = await instanceOf(runtime, siteId)
    await engine.calls.getContainer(siteName(siteId)).kill()
    await nextInstance(runtime, siteId, before)
    expect(await runtime.locate({ siteId, cell: 'local' })).toEqual(first)
    await runtime.close()
    const next = await open('endpoint')
    await next.start(launch)
    expect(await healthyEndpoint(next, siteId)).toEqual(first)
  })

  test('the next host finds what a killed one left running', async () => {
    const killed = await createIn('next')
    const launch = probeLaunch()
    const siteId = await startIn('next', killed, launch)
    const before = await instanceOf(killed, siteId)
    await killed.close('leave')
    const next = await open('next')
    await next.start(launch)
    expect(await instanceOf(next, siteId)).toBe(before)
  })

  test('the next host does not leave a site with the data of before a restore', async () => {
    const former = await createIn('restored')
    const launch = probeLaunch()
    const siteId = await startIn('restored', former, launch)
    const before = await instanceOf(former, siteId)
    await former.close('leave')
    const data = storageIn('restored').directoryOf(launch)
    await rename(data, join(directory, 'broken'))
    const next = await open('restored')
    await startIn('restored', next, launch)
    await nextInstance(next, siteId, before)
    expect(await askProbe(await healthyEndpoint(next, siteId), '/append', { path: '/data/new' })).toEqual({})
    expect((await stat(join(data, 'new'))).isFile()).toBe(true)
  })

  test('a command that ran on the data of before a restore runs on those of after it', async () => {
    const runtime = await open('repeated')
    const launch = probeLaunch()
    const data = storageIn('repeated').directoryOf(launch)
    const script = "require('fs').writeFileSync(process.env.DATA_DIRECTORY + '/migrated', '')"
    const run = { key: 'one', command: ['node', '-e', script], environment: {}, seconds: 60 }
    for (const time of ['before', 'after']) {
      await storageIn('repeated').prepare(launch)
      await waitFor(async () => (await runtime.runOnce(launch, run)).state === 'ended')
      expect((await stat(join(data, 'migrated'))).isFile()).toBe(true)
      await rename(data, join(directory, time))
    }
    await runtime.remove(launch)
  })

  test('what a host that was killed had half made is completed', async () => {
    const runtime = await open('half')
    const launch = probeLaunch()
    await engine.calls.createNetwork({
      Name: siteName(launch.siteId),
      Labels: { 'sitewright.home': homeIdOf('half'), 'sitewright.site': launch.siteId },
    })
    // Created, but the caller got no reply, and without the launch's settings.
    await engine.calls.createContainer({
      name: siteName(launch.siteId),
      Image: probeImage,
      Labels: { 'sitewright.home': homeIdOf('half'), 'sitewright.site': launch.siteId },
    })
    await healthyEndpoint(runtime, await startIn('half', runtime, launch))
    expect(await runtime.list()).toEqual([{ siteId: launch.siteId, cell: 'local', state: 'running' }])
  })

  test('a network that a killed host had made, and no more, is made again with the addresses of today', async () => {
    const runtime = await open('bare')
    const launch = probeLaunch()
    await engine.calls.createNetwork({
      Name: siteName(launch.siteId),
      Labels: { 'sitewright.home': homeIdOf('bare'), 'sitewright.site': launch.siteId },
      IPAM: { Config: [{ Subnet: '10.191.255.0/29' }] },
    })
    await healthyEndpoint(runtime, await startIn('bare', runtime, launch))
    const networks = JSON.stringify(await engine.calls.getNetwork(siteName(launch.siteId)).inspect())
    expect(networks).not.toContain('10.191.255.0/29')
  })

  test('orphans of this home are listed and removed; nothing of known sites, of other homes, and no data', async () => {
    const [ours, theirs] = [await open('ours'), await open('theirs')]
    const known = await startIn('ours', ours, probeLaunch())
    const orphan = await startIn('ours', ours, probeLaunch({ sidecar: true }))
    const foreign = await startIn('theirs', theirs, probeLaunch())
    const half = newSiteId()
    await engine.calls.createNetwork({
      Name: siteName(half),
      Labels: { 'sitewright.home': homeIdOf('ours'), 'sitewright.site': half },
    })
    const entry = join(storageIn('ours').directoryOf(firstHome(orphan)), 'entry')
    await writeFile(entry, 'kept')
    await ours.close('leave')

    const next = await open('ours')
    const bySite = (sites: readonly RunningSite[]) => [...sites].sort((a, b) => (a.siteId < b.siteId ? -1 : 1))
    expect(bySite(await next.list())).toEqual(
      bySite([
        { siteId: known, cell: 'local', state: 'running' },
        { siteId: orphan, cell: 'local', state: 'running' },
        { siteId: half, cell: 'local', state: 'stopped' },
      ]),
    )
    expect([...(await next.removeOrphans(new Set([known])))].sort()).toEqual([orphan, half].sort())
    expect(await next.list()).toEqual([{ siteId: known, cell: 'local', state: 'running' }])
    expect(await theirs.list()).toEqual([{ siteId: foreign, cell: 'local', state: 'running' }])
    const networks = await networkNames()
    expect(networks).toEqual(expect.arrayContaining([siteName(known), siteName(foreign)]))
    expect(networks).not.toContain(siteName(half))
    expect(networks).not.toContain(siteName(orphan))
    expect(await readFile(entry, 'utf8')).toBe('kept')
  })

  test('a launch that the engine refuses is a failed launch, and leaves nothing', async () => {
    const runtime = await open('refused')
    const launch = probeLaunch()
    const data = { directory: '/proc', mode: 'exclusive' } as const
    await storageIn('refused').prepare(launch)
    await expect(runtime.start({ ...launch, blueprint: { ...launch.blueprint, data } })).rejects.toMatchObject({
      kind: 'LaunchFailed',
    })
    expect(await runtime.list()).toEqual([])
    const networks = await networkNames()
    expect(networks).not.toContain(siteName(launch.siteId))
  })

  test('an engine that is away is unavailable, whatever is asked of it', async () => {
    const away = await connectEngine(`unix://${join(directory, 'nobody.sock')}`)
    await expect(createIn('away', away)).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    const runtime = await open('away')
    const containers = siteContainers(away, homeIdOf('away'), 1)
    await expect(containers.find()).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    const network = { isPodman: true, isInternal: true, bridge: 'sitew-1' }
    await expect(containers.makeNetwork(newSiteId(), network)).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    expect(await runtime.list()).toEqual([])
  })

  test('an engine that hangs fails the call instead of holding it', async () => {
    const socket = join(directory, 'hung.sock')
    const hung = createServer().listen(socket)
    await new Promise((done) => hung.once('listening', done))
    const containers = siteContainers(await connectEngine(`unix://${socket}`, 50), homeIdOf('hung'), 1)
    await expect(containers.find()).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    hung.close()
  })

  test('an image that nobody has makes its blueprint unavailable, and is named', async () => {
    const runtime = await open('no-image')
    const launch = probeLaunch({ container: { image: 'localhost:1/nobody/has-this:1' } })
    await storageIn('no-image').prepare(launch)
    await expect(runtime.start(launch)).rejects.toMatchObject({
      kind: 'BlueprintUnavailable',
      message: expect.stringContaining('localhost:1/nobody/has-this:1'),
    })
    expect(await runtime.list()).toEqual([])
  })

  test('an image that the blueprint says how to build is built once, however many wait for it', async () => {
    const runtime = await open('build')
    const context = resolve(directory, 'context')
    const image = `sitewright/test-built:${directory.slice(-6).toLowerCase()}`
    await mkdir(context)
    await writeFile(
      join(context, 'Dockerfile'),
      `ARG BUILDPLATFORM\nFROM --platform=$BUILDPLATFORM ${probeImage}\nENV BUILT=yes\n`,
    )
    await writeFile(join(context, '.dockerignore'), 'node_modules\n')
    const launches = [1, 2].map(() =>
      probeLaunch({ container: { image, build: { context, dockerfile: 'Dockerfile' } } }),
    )
    const sites = await Promise.all(launches.map((launch) => startIn('build', runtime, launch)))
    for (const siteId of sites) {
      const { value } = await askProbe(await healthyEndpoint(runtime, siteId), '/environment')
      expect(value).toMatchObject({ BUILT: 'yes' })
    }
    await runtime.close()
    await engine.calls.getImage(image).remove()
  })

  test('a build that fails says why', async () => {
    const runtime = await open('bad-build')
    const context = resolve(directory, 'bad-context')
    await mkdir(context)
    await writeFile(join(context, 'Dockerfile'), `FROM ${probeImage}\nCOPY missing-file /\n`)
    const build = { context, dockerfile: 'Dockerfile' }
    const launch = probeLaunch({ container: { image: 'sitewright/test-unbuildable:1', build } })
    await storageIn('bad-build').prepare(launch)
    await expect(runtime.start(launch)).rejects.toMatchObject({
      kind: 'BlueprintUnavailable',
      message: expect.stringContaining('missing-file'),
    })
  })

  test('a port that something else took meanwhile is replaced', async () => {
    const runtime = await open('port')
    const launch = probeLaunch()
    const siteId = await startIn('port', runtime, launch)
    const { port } = await healthyEndpoint(runtime, siteId)
    await runtime.close('leave')
    await engine.calls.getContainer(siteName(siteId)).stop({ t: 1 })
    const thief = createServer().listen(port, '127.0.0.1')
    await new Promise((done) => thief.once('listening', done))
    const next = await open('port')
    await next.start(launch)
    expect((await healthyEndpoint(next, siteId)).port).not.toBe(port)
    thief.close()
  })

  test('closing leaves nothing of a site that is being started again', async () => {
    const restarting = Promise.withResolvers<void>()
    const engineAnswers = Promise.withResolvers<void>()
    let created = 0
    const calls: Engine['calls'] = Object.create(engine.calls, {
      createContainer: {
        value: async (options: ContainerCreateOptions) => {
          created += 1
          if (created > 1) {
            restarting.resolve()
            await engineAnswers.promise
          }
          return engine.calls.createContainer(options)
        },
      },
    })
    const runtime = await createIn('restarting', { ...engine, calls })
    const launch = probeLaunch()
    const siteId = await startIn('restarting', runtime, launch)
    await engine.calls.getContainer(siteName(siteId)).remove({ force: true })
    await restarting.promise
    // A trial of a blueprint removes everything beside the closing; then nothing tells of the site.
    await siteContainers(engine, homeIdOf('restarting'), 1).remove(siteId, [])
    const closing = runtime.close().then(() => 'closed')
    expect(await Promise.race([closing, pause(500, 'waits')])).toBe('waits')
    engineAnswers.resolve()
    await closing
    expect(await runtime.list()).toEqual([])
  })

  test('a closed runtime starts nothing more', async () => {
    const runtime = await createIn('closed')
    await runtime.close('leave')
    await expect(runtime.start(probeLaunch())).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  })
})
