import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Launch, type SiteRuntime, type SiteStorage, stopForSleep } from '../../../core/ports/runtime.ts'
import type { DataHome } from '../../../core/site/location.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { askProbe, findProbes, firstHome, newSiteId, probeLaunch } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'

export interface OpenedRuntime {
  readonly runtime: SiteRuntime
  readonly storage: SiteStorage
  /** Where a site's data is on this machine. */
  readonly directoryOf: (home: DataHome) => string
  readonly close: () => Promise<void>
}

const probe = createHealthProbe()

export const healthyEndpoint = (runtime: SiteRuntime, siteId: SiteId): Promise<Endpoint> =>
  waitFor(async () => {
    const endpoint = await runtime.locate({ siteId, cell: 'local' })
    return endpoint !== undefined && (await probe.isHealthy(endpoint, { healthPath: '/healthz' })) && endpoint
  })

export const instanceOf = async (runtime: SiteRuntime, siteId: SiteId): Promise<unknown> =>
  (await askProbe(await healthyEndpoint(runtime, siteId), '/instance')).value

/** Waits until another instance than `before` answers. */
export const nextInstance = (runtime: SiteRuntime, siteId: SiteId, before: unknown): Promise<unknown> =>
  waitFor(async () => {
    const instance = await instanceOf(runtime, siteId).catch(() => before)
    return instance !== before && instance
  })

/** What every runtime keeps. Expects nothing of the kind of runtime but that it can run the probe site. */
export const runtimeContract = (
  name: string,
  open: () => Promise<OpenedRuntime>,
  /** Whether its starts wait for health checks, which a platform does by itself. */
  { checksHealth = true }: { readonly checksHealth?: boolean } = {},
): void => {
  describe(`${name}, as every runtime`, () => {
    let opened: OpenedRuntime
    let runtime: SiteRuntime

    beforeAll(async () => {
      opened = await open()
      runtime = opened.runtime
    })
    afterEach(async () => {
      for (const { siteId } of await runtime.list()) await runtime.remove({ siteId, cell: 'local' })
    })
    afterAll(async () => {
      await opened?.close()
      await waitFor(async () => (await findProbes()).length === 0)
    })

    const prepared = async (launch: Launch): Promise<Launch> => {
      await opened.storage.prepare(launch)
      return launch
    }
    const started = async (launch: Launch): Promise<Launch> => {
      await prepared(launch)
      await runtime.start(launch)
      return launch
    }
    const listed = async (siteId: SiteId) => (await runtime.list()).filter((site) => site.siteId === siteId)

    test('a started site becomes healthy where it is located', async () => {
      const { siteId } = await started(probeLaunch())
      const { port } = await healthyEndpoint(runtime, siteId)
      expect(port).toBeGreaterThanOrEqual(10_000)
      expect(await listed(siteId)).toEqual([expect.objectContaining({ siteId, state: 'running' })])
    })

    test('preparing a site starts nothing, and it starts after that', async () => {
      const launch = await prepared(probeLaunch())
      await runtime.prepare?.(launch)
      await runtime.prepare?.(structuredClone(launch))
      expect(await runtime.locate(launch)).toBeUndefined()
      expect((await listed(launch.siteId)).filter(({ state }) => state !== 'stopped')).toEqual([])
      await runtime.start(launch)
      await healthyEndpoint(runtime, launch.siteId)
    })

    test('the same launch a second time leaves the site alone', async () => {
      const launch = await started(probeLaunch())
      const before = await instanceOf(runtime, launch.siteId)
      await runtime.start(structuredClone(launch))
      expect(await instanceOf(runtime, launch.siteId)).toBe(before)
      expect(await listed(launch.siteId)).toHaveLength(1)
    })

    test('the same launch twice at once is one site', async () => {
      const launch = await prepared(probeLaunch())
      await Promise.all([runtime.start(launch), runtime.start(launch), runtime.start(launch)])
      await healthyEndpoint(runtime, launch.siteId)
      expect(await listed(launch.siteId)).toHaveLength(1)
    })

    test('sites started at once have endpoints of their own', async () => {
      const launches = await Promise.all([probeLaunch(), probeLaunch(), probeLaunch()].map(prepared))
      await Promise.all(launches.map(runtime.start))
      for (const { siteId } of launches) {
        const { value } = await askProbe(await healthyEndpoint(runtime, siteId), '/environment')
        expect(value).toMatchObject({ SITEWRIGHT_SITE_ID: siteId })
      }
    })

    test('a later version of the blueprint replaces what runs', async () => {
      const { siteId } = await started(probeLaunch({ environment: { EDITION: 'one' } }))
      const before = await instanceOf(runtime, siteId)
      await runtime.start(probeLaunch({ siteId, version: 2, environment: { EDITION: 'two' } }))
      await nextInstance(runtime, siteId, before)
      const { value } = await askProbe(await healthyEndpoint(runtime, siteId), '/environment')
      expect(value).toMatchObject({ EDITION: 'two' })
      expect(await listed(siteId)).toHaveLength(1)
    })

    test('a site finds its values in its environment and in files that it reads', async () => {
      const launch = probeLaunch({
        container: {
          secrets: ['KEY'],
          environment: { 'site.url': '${SITE_URL}', MIXED: 'key=${secret.KEY}', LISTEN: 'on ${PORT}' },
          files: { 'site.txt': '${SITE_URL} ${secret.KEY} $${PORT} ${PORT}' },
        },
      })
      const facts = { SITE_URL: 'https://shop.example.com' }
      const { siteId } = await started({ ...launch, secrets: { KEY: 'of the $$ite' }, facts })
      const endpoint = await healthyEndpoint(runtime, siteId)
      const environment = (await askProbe(endpoint, '/environment')).value
      expect(environment).toMatchObject({ 'site.url': 'https://shop.example.com', MIXED: 'key=of the $$ite' })
      const { PORT, LISTEN, FILES_DIRECTORY } = environment as Record<string, string>
      expect(LISTEN).toBe(`on ${PORT}`)
      const text = await askProbe(endpoint, '/file', { path: `${FILES_DIRECTORY}/site.txt` })
      expect(text).toEqual({ value: `https://shop.example.com of the $$ite \${PORT} ${PORT}` })
    })

    // A platform gives each task a machine of its own, which the tests of its adapter play on this one.
    test.runIf(checksHealth)(
      'a site has a home of its own that it can write to, and may name another one',
      async () => {
        const { siteId } = await started(probeLaunch())
        const endpoint = await healthyEndpoint(runtime, siteId)
        const { value: home } = await askProbe(endpoint, '/home')
        expect(await askProbe(endpoint, '/append', { path: join(String(home), 'mine') })).not.toHaveProperty('error')
        const other = await started(probeLaunch())
        const otherEndpoint = await healthyEndpoint(runtime, other.siteId)
        const theirs = join(String((await askProbe(otherEndpoint, '/home')).value), 'mine')
        expect(await askProbe(otherEndpoint, '/file', { path: theirs })).toEqual({ error: 'ENOENT' })
        const named = await started(probeLaunch({ container: { environment: { HOME: '${DATA_DIRECTORY}' } } }))
        const { value } = await askProbe(await healthyEndpoint(runtime, named.siteId), '/environment')
        const { HOME, DATA_DIRECTORY } = value as Record<string, string>
        expect(HOME).toBe(DATA_DIRECTORY)
      },
    )

    test.runIf(checksHealth)('subdirectories that the blueprint declares are there', async () => {
      const { siteId } = await started(
        probeLaunch({ container: { mounts: [{ path: '/srv/app', directory: 'declared' }] } }),
      )
      const endpoint = await healthyEndpoint(runtime, siteId)
      const { DATA_DIRECTORY = '' } = (await askProbe(endpoint, '/environment')).value as Record<string, string>
      expect(await askProbe(endpoint, '/is-directory', { path: join(DATA_DIRECTORY, 'declared') })).toEqual({
        value: true,
      })
    })

    test('a site with a port of its own is reached', async () => {
      const { siteId } = await started(probeLaunch({ port: await findFreePort() }))
      const endpoint = await healthyEndpoint(runtime, siteId)
      expect((await askProbe(endpoint, '/environment')).value).toMatchObject({ SITEWRIGHT_SITE_ID: siteId })
      expect(await runtime.list()).toContainEqual(expect.objectContaining({ siteId, state: 'running' }))
    })

    test('another size replaces what runs, and each launch is located by itself', async () => {
      const small = await started(probeLaunch())
      const large = { ...small, size: { ...small.size, memoryMiB: 2 * small.size.memoryMiB } }
      const before = await instanceOf(runtime, small.siteId)
      expect(await runtime.locate(small, structuredClone(small))).toEqual(await runtime.locate(small))
      expect(await runtime.locate(small, large)).toBeUndefined()
      await runtime.start(large)
      await nextInstance(runtime, small.siteId, before)
      expect(await runtime.locate(small, large)).toEqual(await runtime.locate(small))
      expect(await runtime.locate(small, small)).toBeUndefined()
      expect(await listed(small.siteId)).toHaveLength(1)
    })

    test('a site that falls asleep does not run, and wakes with its data', async () => {
      const launch = await started(probeLaunch())
      const endpoint = await healthyEndpoint(runtime, launch.siteId)
      await writeFile(join(opened.directoryOf(launch), 'kept'), 'all of it')
      await stopForSleep(runtime, launch)
      await stopForSleep(runtime, launch)
      expect(await probe.isHealthy(endpoint, { healthPath: '/healthz' })).toBe(false)
      expect(await runtime.locate(launch)).toBeUndefined()
      expect((await listed(launch.siteId)).filter(({ state }) => state !== 'asleep')).toEqual([])
      await runtime.start(structuredClone(launch))
      await healthyEndpoint(runtime, launch.siteId)
      expect(await readFile(join(opened.directoryOf(launch), 'kept'), 'utf8')).toBe('all of it')
    })

    test('a site that is being removed is not found, and starts again after that', async () => {
      const launch = await started(probeLaunch())
      await healthyEndpoint(runtime, launch.siteId)
      const before = await instanceOf(runtime, launch.siteId)
      const removal = runtime.remove(launch)
      expect(await runtime.locate(launch, structuredClone(launch))).toBeUndefined()
      await Promise.all([removal, runtime.start(structuredClone(launch))])
      await nextInstance(runtime, launch.siteId, before)
    })

    test('a removed site is gone, and removing it again changes nothing', async () => {
      const { siteId } = await started(probeLaunch())
      const endpoint = await healthyEndpoint(runtime, siteId)
      await runtime.remove({ siteId, cell: 'local' })
      expect(await probe.isHealthy(endpoint, { healthPath: '/healthz' })).toBe(false)
      expect(await runtime.locate({ siteId, cell: 'local' })).toBeUndefined()
      expect(await listed(siteId)).toEqual([])
      await runtime.remove({ siteId, cell: 'local' })
    })

    test('removing while it starts leaves nothing', async () => {
      const launch = await prepared(probeLaunch())
      const start = runtime.start(launch)
      await runtime.remove(launch)
      await start
      expect(await listed(launch.siteId)).toEqual([])
    })

    test('what a site wrote is there when it is removed and started again', async () => {
      const launch = await started(probeLaunch())
      expect(await askProbe(await healthyEndpoint(runtime, launch.siteId), '/put', { text: 'kept' })).toEqual({})
      await runtime.remove(launch)
      await runtime.start(launch)
      expect(await askProbe(await healthyEndpoint(runtime, launch.siteId), '/data')).toEqual({ value: 'kept' })
    })

    test('another data directory replaces what runs, and what was written to the one before stays there', async () => {
      const launch = await started(probeLaunch())
      const { siteId } = launch
      const before = await instanceOf(runtime, siteId)
      expect(await askProbe(await healthyEndpoint(runtime, siteId), '/put', { text: 'of the first' })).toEqual({})
      await started({ ...launch, generation: 2 })
      await nextInstance(runtime, siteId, before)
      expect(await askProbe(await healthyEndpoint(runtime, siteId), '/data')).toEqual({ error: 'ENOENT' })
      await runtime.remove({ siteId, cell: 'local' })
      expect(await readFile(join(opened.directoryOf(launch), 'entry'), 'utf8')).toBe('of the first')
    })

    test('a site that ended by itself comes back', async () => {
      const { siteId } = await started(probeLaunch())
      const before = await instanceOf(runtime, siteId)
      await askProbe(await healthyEndpoint(runtime, siteId), '/exit')
      await nextInstance(runtime, siteId, before)
    })

    test('a site that keeps ending is listed, and can be removed', async () => {
      const exits = ['node', '--eval', 'process.exit(1)']
      const { siteId } = await started(
        probeLaunch({ container: { command: exits, process: { command: exits, directory: '.' } } }),
      )
      expect(await listed(siteId)).toHaveLength(1)
      await runtime.remove({ siteId, cell: 'local' })
      expect(await listed(siteId)).toEqual([])
    })

    test('a site is told its port, its data directory and what the launch says, and nothing of the host', async () => {
      process.env['HOST_SECRET'] = 'not for sites'
      const launch = await started(
        probeLaunch({ container: { environment: { COLOUR: 'green' } }, environment: { TOKEN: 'for this site' } }),
      )
      const { value } = await askProbe(await healthyEndpoint(runtime, launch.siteId), '/environment')
      delete process.env['HOST_SECRET']
      expect(value).toMatchObject({ COLOUR: 'green', TOKEN: 'for this site', SITEWRIGHT_SITE_ID: launch.siteId })
      expect(value).not.toHaveProperty('HOST_SECRET')
    })

    test('a site nobody started is nowhere', async () => {
      expect(await runtime.locate({ siteId: newSiteId(), cell: 'local' })).toBeUndefined()
    })

    const inOrder = (sidecarHealth: string, startSeconds: number): Launch => {
      const launch = probeLaunch({ sidecar: true, container: { after: ['probe-sidecar'] } })
      const [site, sidecar] = launch.blueprint.containers
      const health = { command: ['node', '-e', sidecarHealth] }
      const containers = [site!, { ...sidecar!, health }]
      return {
        ...launch,
        blueprint: { ...launch.blueprint, containers, traffic: { ...launch.blueprint.traffic, startSeconds } },
      }
    }

    test('a container starts once the one that it waits for is healthy, and is reached', async () => {
      const file = "process.env.DATA_DIRECTORY + '/checked'"
      const secondTime = `const fs = require('fs'); if (!fs.existsSync(${file})) { fs.writeFileSync(${file}, ''); process.exit(1) }`
      const { siteId, ...home } = await started(inOrder(secondTime, 60))
      await healthyEndpoint(runtime, siteId)
      if (!checksHealth) return
      expect(await readFile(join(opened.directoryOf({ siteId, ...home }), 'checked'), 'utf8')).toBe('')
    })

    test.runIf(checksHealth)('a container that does not become healthy is a failed launch that says so', async () => {
      await expect(started(inOrder('process.exit(1)', 1))).rejects.toMatchObject({
        kind: 'LaunchFailed',
        message: expect.stringContaining("'probe-sidecar' did not become healthy within 1 s"),
      })
      expect((await runtime.list()).filter(({ state }) => state === 'running')).toEqual([])
    })

    describe('with two containers in the blueprint', () => {
      const meeting = (siteId: SiteId): Promise<{ sidecar: string; traffic: string }> =>
        waitFor(async () => {
          const text = await readFile(join(opened.directoryOf(firstHome(siteId)), 'sidecar'), 'utf8').catch(() => '')
          return text !== '' && JSON.parse(text)
        })
      /** Waits until both are others than before, and know each other. */
      const nextMeeting = (siteId: SiteId, before: { sidecar: string; traffic: string }) =>
        waitFor(async () => {
          const now = await meeting(siteId)
          return now.sidecar !== before.sidecar && now.traffic !== before.traffic && now
        })

      test('they share loopback and data', async () => {
        const { siteId } = await started(probeLaunch({ sidecar: true }))
        const { traffic } = await meeting(siteId)
        expect(await instanceOf(runtime, siteId)).toBe(traffic)
      })

      test('both start again when the traffic container ends', async () => {
        const { siteId } = await started(probeLaunch({ sidecar: true }))
        const before = await meeting(siteId)
        await askProbe(await healthyEndpoint(runtime, siteId), '/exit')
        await nextMeeting(siteId, before)
      })

      test('both start again when the other one ends', async () => {
        const { siteId } = await started(probeLaunch({ sidecar: true }))
        const before = await meeting(siteId)
        await writeFile(join(opened.directoryOf(firstHome(siteId)), 'end-sidecar'), '')
        await nextMeeting(siteId, before)
      })
    })
  })
}
