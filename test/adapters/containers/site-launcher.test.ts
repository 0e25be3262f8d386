import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connectEngine } from '../../../adapters/containers/engine.ts'
import type { SiteContainers } from '../../../adapters/containers/site-containers.ts'
import { type ContainerHost, createSiteLauncher } from '../../../adapters/containers/site-launcher.ts'
import { createSiteFiles } from '../../../adapters/files/site-files.ts'
import { launchDigest } from '../../../adapters/site-runtime/launch-digest.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

/** A launcher with Podman on this machine, and one running container of `launch` with the digest that is set. */
const stage = async ({
  isRootless = false,
  kind = 'Podman Engine',
  launch = probeLaunch(),
  isHealthy = true,
  data = '/data',
} = {}) => {
  const { siteId } = launch
  const calls: string[] = []
  const left = { digest: '' }
  const inMemory: unknown[] = []
  const users: unknown[] = []
  const containers: SiteContainers = {
    find: async () => [
      {
        id: 'old',
        siteId,
        cell: 'local',
        container: 'probe-site',
        digest: left.digest,
        isFirst: true,
        isRunning: true,
        isPaused: false,
        stopSeconds: 1,
      },
    ],
    findNetworks: async () => [siteId],
    makeNetwork: async () => void calls.push('make network'),
    create: async ({ HostConfig, User }) => {
      calls.push('create')
      users.push(User)
      inMemory.push(HostConfig?.Tmpfs)
      return 'new'
    },
    exitCodeOf: async () => (isHealthy ? undefined : 4),
    succeeds: async () => isHealthy,
    start: async (id) => void calls.push(`start ${id}`),
    end: async () => undefined,
    remove: async (_, found) => void calls.push(`remove ${found.map(({ id }) => id)}`),
  }
  const nobody = await connectEngine('unix:///nobody.sock')
  const engine = {
    ...nobody,
    calls: Object.assign(Object.create(nobody.calls), {
      info: async () => ({ Name: hostname(), SecurityOptions: isRootless ? ['name=rootless'] : [] }),
      version: async () => ({ Components: [{ Name: kind }] }),
      getImage: (image: string) => ({
        inspect: async () => ({ Config: { Volumes: { [`/volume/of/${image}`]: {} } } }),
      }),
    }),
  }
  const host: ContainerHost = {
    engine,
    homeId: 'home',
    userOf: () => ({ uid: 10_001, gid: 10_001 }),
    dataDirectoryOf: () => data,
    files: createSiteFiles('/nowhere'),
    handOver: async () => undefined,
    ports: { claim: async () => 20_001, release: async () => undefined },
    guard: async () => undefined,
  }
  return {
    launch,
    left,
    calls,
    inMemory,
    users,
    launcher: await createSiteLauncher(host, containers, async () => undefined, { note: async () => undefined }),
  }
}

test('keeps containers of the same launch', async () => {
  const { launch, left, calls, launcher } = await stage()
  left.digest = await launcher.digestOf(launch)
  expect(await launcher.ensure(launch)).toBe('runs')
  expect(calls).toEqual([])
})

test('replaces containers whose data directory has another in its place, as after a restore', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sitewright-launcher-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const data = join(home, 'data')
  await mkdir(data)
  const { launch, left, calls, launcher } = await stage({ data })
  left.digest = await launcher.digestOf(launch)
  await rename(data, join(home, 'broken'))
  await mkdir(data)
  expect(await launcher.ensure(launch)).toBe('restarted')
  expect(calls).toEqual(['remove old', 'make network', 'create', 'start new'])
})

test('replaces containers on a network of an older version', async () => {
  const { launch, left, calls, launcher } = await stage()
  left.digest = launchDigest(launch, {
    homeId: 'home',
    user: { uid: 10_001, gid: 10_001 },
    bindOptions: ['nosuid', 'nodev', 'noexec'],
    ownScratch: ['/run', '/var/tmp'],
    reach: 'direct',
    dataDirectory: '/data',
  })
  expect(await launcher.ensure(launch)).toBe('restarted')
  expect(calls).toEqual(['remove old', 'make network', 'create', 'start new'])
})

test('asks what each image declares as volumes, for sites and for commands that run once', async () => {
  const { launch, inMemory, launcher } = await stage()
  const volume = `/volume/of/${launch.blueprint.containers[0]?.image}`
  await launcher.ensure(launch)
  await launcher.create(launch, 'once')
  const closed = expect.objectContaining({ [volume]: expect.stringMatching(/^ro,/) })
  expect(inMemory).toEqual([closed, closed])
})

test('removes the containers of a site that the engine cannot run as its blueprint says', async () => {
  const { launch, calls, launcher } = await stage({ isRootless: true })
  await expect(launcher.ensure(launch)).rejects.toMatchObject({ kind: 'LaunchFailed' })
  expect(calls).toEqual(['remove old'])
})

test('stops to wait for a container that others wait for once it has ended', async () => {
  const health = { command: ['true'] }
  const { launcher, launch } = await stage({
    launch: probeLaunch({ sidecar: true, container: { health } }),
    isHealthy: false,
  })
  await expect(launcher.ensure(launch)).rejects.toMatchObject({
    kind: 'LaunchFailed',
    message: expect.stringContaining("'probe-site' ended with exit code 4"),
  })
})

test('runs sites of rootless Docker as root there, whom it maps onto the user whose their data is', async () => {
  const { blueprint, ...rest } = probeLaunch()
  const launch = { ...rest, blueprint: { ...blueprint, outbound: 'internet' as const } }
  const { users, launcher } = await stage({ isRootless: true, kind: 'Docker Engine - Community', launch })
  await launcher.ensure(launch)
  expect(users).toEqual(['0:0'])
})
