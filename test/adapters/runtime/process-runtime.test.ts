import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createSiteFiles } from '../../../adapters/files/site-files.ts'
import { createSiteStorage } from '../../../adapters/files/site-storage.ts'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { leftoverMarks } from '../../../adapters/leftovers/find-leftovers.ts'
import { childCommands, machinePath } from '../../../adapters/processes/child-command.ts'
import { createProcessRuntime, type ProcessRuntime } from '../../../adapters/processes/process-runtime.ts'
import { createLoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import { oneOffLaunch } from '../../../core/blueprint/one-off.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { canTestOnLinux } from '../../support/can-test.ts'
import { askProbe, findProbes, newSiteId, probeLaunch, resolveInSupport } from '../../support/probe-launch.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { waitFor } from '../../support/wait-for.ts'
import { commandContract } from './command-contract.ts'
import { healthyEndpoint, instanceOf, nextInstance, runtimeContract } from './contract.ts'
import { evidenceContract } from './evidence-contract.ts'

const directory = await directoryForAll()

const storageIn = (home: string) => createSiteStorage({ root: join(directory, home, 'sites'), mayGiveAway: false })

const createIn = (home: string): Promise<ProcessRuntime> =>
  createProcessRuntime({
    homeId: `${home}-${directory}`,
    logDirectory: join(directory, home, 'logs'),
    dataDirectoryOf: storageIn(home).directoryOf,
    files: createSiteFiles(join(directory, home, 'files')),
    resolvePath: resolveInSupport,
    ports: createLoopbackPorts({ file: join(directory, home, 'ports.json') }),
    log: pino({ enabled: false }),
    backOff: { first: 5, longest: 50, stableAfter: 60_000 },
  })

runtimeContract('processes', async () => {
  const runtime = await createIn('contract')
  const storage = storageIn('contract')
  return { runtime, storage, directoryOf: storage.directoryOf, close: runtime.close }
})

evidenceContract('processes', async () => {
  const runtime = await createIn('evidence')
  const storage = storageIn('evidence')
  return { runtime, storage, directoryOf: storage.directoryOf, close: runtime.close }
})

commandContract('processes', async () => {
  const runtime = await createIn('commands')
  const storage = storageIn('commands')
  return { runtime, storage, directoryOf: storage.directoryOf, close: runtime.close }
})

test('shared data keeps its site beside a command', async () => {
  const runtime = await createIn('shared')
  const launch = probeLaunch()
  const shared: Launch = { ...launch, blueprint: { ...launch.blueprint, data: { directory: '/data', mode: 'shared' } } }
  await storageIn('shared').prepare(launch)
  await runtime.start(shared)
  const before = await instanceOf(runtime, launch.siteId)
  const run = { key: 'one', command: ['node', '-e', 'process.exitCode = 2'], environment: {}, seconds: 60 }
  const ended = await waitFor(async () => {
    const state = await runtime.runOnce(shared, run)
    return state.state === 'ended' && state
  })
  expect(ended).toMatchObject({ exitCode: 2 })
  expect(await instanceOf(runtime, launch.siteId)).toBe(before)
  await runtime.close()
})

test('a blueprint that does not say how it runs as a process is a failed launch that says so', async () => {
  const runtime = await createIn('no-process')
  const launch = probeLaunch()
  const [container] = launch.blueprint.containers
  const { process: _, ...bare } = container!
  await expect(
    runtime.start({ ...launch, blueprint: { ...launch.blueprint, containers: [bare] } }),
  ).rejects.toMatchObject({ kind: 'LaunchFailed', message: expect.stringContaining("give it a 'process'") })
  await runtime.close()
})

test('a program that is not there is a failed launch, and leaves nothing', async () => {
  const runtime = await createIn('no-program')
  const launch = probeLaunch({ sidecar: true })
  const [site, sidecar] = launch.blueprint.containers
  const missing = { ...sidecar!, process: { command: ['no-such-program'], directory: '.' } }
  const blueprint = { ...launch.blueprint, containers: [site!, missing] }
  await expect(runtime.start({ ...launch, blueprint })).rejects.toMatchObject({
    kind: 'LaunchFailed',
    message: expect.stringContaining("'no-such-program'"),
  })
  const refusal = expect.stringContaining("'no-such-program'")
  expect(await runtime.observe(launch)).toMatchObject({ containers: [{ ends: 0 }], refusal })
  expect(await runtime.locate(launch)).toBeUndefined()
  expect(await runtime.list()).toEqual([])
  await runtime.close()
})

test('a working directory that is not there is named', async () => {
  const runtime = await createIn('no-directory')
  const launch = probeLaunch({ container: { process: { command: ['node'], directory: 'nowhere' } } })
  await expect(runtime.start(launch)).rejects.toMatchObject({
    kind: 'LaunchFailed',
    message: expect.stringContaining('nowhere does not exist'),
  })
  await runtime.close()
})

test('a site keeps its port when it ends, and when the host starts again', async () => {
  const launch = probeLaunch()
  await storageIn('ports').prepare(launch)
  const runtime = await createIn('ports')
  await runtime.start(launch)
  const first = await healthyEndpoint(runtime, launch.siteId)
  const before = await instanceOf(runtime, launch.siteId)
  await askProbe(first, '/exit')
  await nextInstance(runtime, launch.siteId, before)
  expect(await healthyEndpoint(runtime, launch.siteId)).toEqual(first)
  await runtime.close()

  const next = await createIn('ports')
  await next.start(launch)
  expect(await healthyEndpoint(next, launch.siteId)).toEqual(first)
  await next.close()
})

test.each([
  ['ends by itself', 30, 'ended by itself'],
  ['is ended', 1, undefined],
])('a site that needs time to stop %s within %i s', async (_, stopSeconds, expected) => {
  const home = `stop-${stopSeconds}`
  const launch = probeLaunch({ container: { environment: { STOP_AFTER: stopSeconds === 1 ? '600000' : '100' } } })
  const { traffic } = launch.blueprint
  const patient: Launch = { ...launch, blueprint: { ...launch.blueprint, traffic: { ...traffic, stopSeconds } } }
  await storageIn(home).prepare(launch)
  const runtime = await createIn(home)
  await runtime.start(patient)
  const own = storageIn(home).directoryOf(launch)
  // Something else on this machine may have taken its port meanwhile, and answer there.
  await waitFor(async () => {
    const { value } = await askProbe(await healthyEndpoint(runtime, launch.siteId), '/environment')
    return (value as NodeJS.ProcessEnv | undefined)?.['DATA_DIRECTORY'] === own
  })
  await runtime.remove(launch)
  const entry = join(own, 'entry')
  expect(await readFile(entry, 'utf8').catch(() => undefined)).toBe(expected)
  await runtime.close()
})

test('a process has variables, a search path and a command for hand-overs of its own', () => {
  const process = { command: ['shop'], directory: '.', environment: { PATH: '/srv/venv/bin', DEBUG: 'on ${PORT}' } }
  const launch = probeLaunch({ container: { process, environment: { DEBUG: 'off', KEPT: 'yes' } } })
  const run = { command: ['in-container'], processCommand: ['as-process'], environment: {} }
  const around = {
    homeId: 'home',
    placeOf: () => ({ host: 'h', port: 1, dataDirectory: '/d', filesDirectory: '/f', homeDirectory: '/h' }),
    resolvePath: (_blueprint: unknown, path: string) => path,
  }
  expect(childCommands(launch, around)[0]?.environment).toMatchObject({
    PATH: '/srv/venv/bin',
    DEBUG: 'on 1',
    KEPT: 'yes',
    HOME: '/h',
  })
  expect(childCommands(oneOffLaunch(launch, run), around)[0]).toMatchObject({ file: 'as-process' })
  expect(oneOffLaunch(launch, run).blueprint.containers[0]?.command).toEqual(['in-container'])
})

test('a process starts with no value of others that could make it run other code', () => {
  const around = {
    homeId: 'home',
    placeOf: () => ({ host: 'h', port: 1, dataDirectory: '/d', filesDirectory: '/f', homeDirectory: '/h' }),
    resolvePath: (_blueprint: unknown, path: string) => path,
  }
  const start = (names: readonly string[], set: Partial<Launch>, run = { command: ['seed'], environment: {} }) => {
    const launch = probeLaunch()
    const containers = launch.blueprint.containers.map((one) => ({ ...one, variables: names, secrets: names }))
    const changed = { ...launch, blueprint: { ...launch.blueprint, containers }, ...set }
    return [() => childCommands(changed, around), () => childCommands(oneOffLaunch(changed, run), around)]
  }
  const names = 'NODE_OPTIONS LD_PRELOAD PATH ENV BASH_ENV PYTHONSTARTUP RUBYOPT PERL5OPT JAVA_TOOL_OPTIONS DYLD_X HOME'
  for (const name of names.split(' ')) {
    for (const begin of [
      ...start([name], { facts: { [`variable.${name}`]: 'x' } }),
      ...start([name], { secrets: { [name]: 'x' }, given: { [name]: '1' } }),
    ]) {
      expect(begin, name).toThrow(expect.objectContaining({ kind: 'LaunchFailed' }))
    }
  }
  // Nobody has set them, or they choose no code.
  for (const begin of start(['PATH', 'NODE_ENV'], { facts: { 'variable.PATH': '', 'variable.NODE_ENV': 'test' } })) {
    expect(begin).not.toThrow()
  }
})

test('a version whose files were kept runs in the copy of its directory, with the program of its own', () => {
  const around = {
    homeId: 'home',
    placeOf: () => ({ host: 'h', port: 1, dataDirectory: '/d', filesDirectory: '/f', homeDirectory: '/h' }),
    resolvePath: resolveInSupport,
    copies: new Map([['probe-site', '/copy']]),
  }
  // Sitewright's own sites need its Node.js, also where the home is elsewhere.
  expect(childCommands(probeLaunch(), around)[0]).toMatchObject({ directory: '/copy', file: process.execPath })
})

test('closing ends every process and refuses to start more', async () => {
  const launch = probeLaunch({ sidecar: true })
  await storageIn('close').prepare(launch)
  const runtime = await createIn('close')
  await runtime.start(launch)
  const endpoint = await healthyEndpoint(runtime, launch.siteId)
  const late = runtime.start(probeLaunch()).catch(() => undefined)
  await runtime.close()
  await late
  expect(await createHealthProbe().isHealthy(endpoint, { healthPath: '/healthz' })).toBe(false)
  expect(await runtime.list()).toEqual([])
  await expect(runtime.start(launch)).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
})

test('a process that ignores the request to end is made to', async () => {
  const stubborn = ['node', '--eval', "process.on('SIGTERM', () => 0); setInterval(() => 0, 1000); console.log('up')"]
  const launch = probeLaunch({ container: { process: { command: stubborn, directory: '.' } } })
  const runtime = await createIn('stubborn')
  await runtime.start(launch)
  const log = join(directory, 'stubborn', 'logs', `${launch.siteId}.probe-site.log`)
  await waitFor(async () => (await readFile(log, 'utf8')).includes('up'))
  await runtime.remove(launch)
  expect(await runtime.list()).toEqual([])
})

test('what a process started ends with it', async () => {
  const grandchild = "require('child_process').spawn('sleep', ['1000'], { stdio: 'inherit' }).pid"
  const parent = ['node', '--eval', `console.log('pid ' + ${grandchild}); setInterval(() => 0, 1000)`]
  const launch = probeLaunch({ container: { process: { command: parent, directory: '.' } } })
  const runtime = await createIn('group')
  await runtime.start(launch)
  const log = join(directory, 'group', 'logs', `${launch.siteId}.probe-site.log`)
  const pid = await waitFor(async () => /pid (\d+)/.exec(await readFile(log, 'utf8'))?.[1])
  await runtime.remove(launch)
  const isGone = () =>
    readFile(`/proc/${pid}/cmdline`, 'utf8').then(
      (line) => line === '',
      () => true,
    )
  await waitFor(isGone)
})

test.runIf(canTestOnLinux('ending what a killed host left'))(
  'what a killed host left running is ended, and nothing of other homes',
  async () => {
    const orphan = async (homeId: string) => {
      const child = spawn(process.execPath, ['--eval', "setInterval(() => 0, 1000); console.log('up')"], {
        env: leftoverMarks(homeId, 'site'),
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      })
      await once(child.stdout, 'data')
      return child
    }
    const ours = await orphan(`crash-${directory}`)
    const theirs = await orphan(`crash-${directory}-not`)
    const ended = new Promise((resolve) => ours.once('exit', (_, signal) => resolve(signal)))
    const runtime = await createIn('crash')
    expect(await ended).toBe('SIGTERM')
    expect(theirs.exitCode ?? theirs.signalCode).toBeNull()
    theirs.kill('SIGKILL')
    await runtime.close()
  },
)

test('what a site printed goes with it, and stays where the host only ends', async () => {
  const [gone, kept] = [probeLaunch(), probeLaunch()]
  const runtime = await createIn('logs')
  for (const launch of [gone, kept]) {
    await storageIn('logs').prepare(launch)
    await runtime.start(launch)
  }
  const logs = join(directory, 'logs', 'logs')
  await writeFile(join(logs, `${gone.siteId}.log.1`), 'the older part')
  await runtime.remove(gone)
  await runtime.close()
  expect(await readdir(logs)).toEqual([`${kept.siteId}.probe-site.log`])
})

test('a site nobody started can be removed', async () => {
  const runtime = await createIn('unknown')
  await runtime.remove({ siteId: newSiteId(), cell: 'local' })
  await runtime.close()
})

const besideEachOther = async (home: string) => {
  const runtime = await createIn(home)
  const small = probeLaunch()
  const large = { ...small, size: { ...small.size, memoryMiB: 2 * small.size.memoryMiB } }
  await storageIn(home).prepare(small)
  await runtime.start(small)
  const first = await instanceOf(runtime, small.siteId)
  await runtime.startBeside?.(large)
  const next = await waitFor(async () => {
    const endpoint = await runtime.locate(small, large)
    const { value } =
      endpoint === undefined ? {} : await askProbe(endpoint, '/instance').catch(() => ({ value: undefined }))
    return value !== undefined && value
  })
  const has = (launch: Launch) => runtime.locate(small, launch).then((endpoint) => endpoint !== undefined)
  return { runtime, small, large, first, next, has }
}

test('a launch is started beside the one that runs, which stays the site’s until the other one is started alone', async () => {
  const { runtime, small, large, first, next, has } = await besideEachOther('beside')
  expect(next).not.toBe(first)
  expect(await instanceOf(runtime, small.siteId)).toBe(first)
  await runtime.startBeside?.(structuredClone(large))
  expect([await has(small), await has(large)]).toEqual([true, true])
  await runtime.start(large)
  expect(await instanceOf(runtime, small.siteId)).toBe(next)
  expect([await has(small), await has(large)]).toEqual([false, true])
  expect(await runtime.list()).toHaveLength(1)
  await runtime.close()
})

test('what was started beside ends where the one that was there before is started alone', async () => {
  const { runtime, small, large, first, has } = await besideEachOther('beside-not')
  await runtime.start(small)
  expect(await instanceOf(runtime, small.siteId)).toBe(first)
  expect([await has(small), await has(large)]).toEqual([true, false])
  await runtime.close()
})

test('both that run beside each other go with their site, and it can change its size again and again', async () => {
  const { runtime, small, large } = await besideEachOther('beside-gone')
  await runtime.start(large)
  await runtime.startBeside?.(small)
  await runtime.start(small)
  await runtime.startBeside?.(large)
  await runtime.remove(small)
  expect(await runtime.list()).toEqual([])
  await waitFor(async () => (await findProbes()).length === 0)
  await runtime.close()
})

test.each([
  ['/srv/app/node_modules/.bin:/usr/bin:/bin', '/usr/bin:/bin'],
  ['/a/node_modules/.bin/:/a/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:/opt/bin', '/opt/bin'],
  ['/opt/node_modules/.binary:/opt/node-gyp-binary', '/opt/node_modules/.binary:/opt/node-gyp-binary'],
  ['/a/node_modules/.bin', '/usr/local/bin:/usr/bin:/bin'],
  ['', '/usr/local/bin:/usr/bin:/bin'],
])('the search path %j of the host is %j for sites', (path, expected) => {
  expect(machinePath(path)).toBe(expected)
})

test("a program of npm's directories is not found; sites of Sitewright itself run on its own Node.js", () => {
  const around = {
    homeId: 'home',
    placeOf: () => ({
      host: '127.0.0.1',
      port: 1,
      dataDirectory: '/data',
      filesDirectory: '/files',
      homeDirectory: '/home',
    }),
    resolvePath: (_blueprint: unknown, path: string) => path,
  }
  const fileIn = (directory: string) =>
    childCommands(probeLaunch({ container: { process: { command: ['node', '${PORT}'], directory } } }), around)[0]
  expect(fileIn('/srv/shop')).toMatchObject({ file: 'node', args: ['1'] })
  expect(fileIn(import.meta.dirname)).toMatchObject({ file: process.execPath })
  expect(fileIn('/srv/shop')?.environment['PATH']).not.toContain('node_modules/.bin')
})
