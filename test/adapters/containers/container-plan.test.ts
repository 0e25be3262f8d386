import { expect, test } from 'vitest'
import { planContainers } from '../../../adapters/containers/container-plan.ts'
import { siteAddress } from '../../../adapters/containers/site-network.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

const surroundings = {
  homeId: 'home',
  user: { uid: 10_001, gid: 10_001 },
  reach: 'published',
  isPodman: false,
  bindOptions: [],
  ownScratch: [],
} as const
const site = {
  port: 20_001,
  dataDirectory: '/srv/data',
  filesDirectoryOf: (container: string) => `/srv/files/${container}`,
  volumes: new Map<string, readonly string[]>(),
  digest: 'd',
  init: true,
}

test('the traffic container comes first, whatever its place in the blueprint, and alone publishes a port', () => {
  const launch = probeLaunch({ sidecar: true })
  const blueprint = { ...launch.blueprint, containers: [...launch.blueprint.containers].reverse() }
  const [traffic, sidecar] = planContainers({ ...launch, blueprint }, surroundings, site)
  expect(traffic?.options.HostConfig?.PortBindings).toEqual({
    '20001/tcp': [{ HostIp: '127.0.0.1', HostPort: '20001' }],
  })
  expect(sidecar?.options.HostConfig).toMatchObject({ NetworkMode: `container:${traffic?.name}` })
  expect(sidecar?.options.HostConfig).not.toHaveProperty('PortBindings')
})

test('where the engine cannot keep networks apart, nothing is published and the address follows from the port', () => {
  const [traffic] = planContainers(probeLaunch(), { ...surroundings, reach: 'direct' }, site)
  const { subnet, host } = siteAddress(site.port)
  expect(subnet).toBe('10.210.113.8/29')
  expect(host).toBe('10.210.113.10')
  expect(traffic?.options).not.toHaveProperty('ExposedPorts')
  expect(traffic?.options.HostConfig).not.toHaveProperty('PortBindings')
  expect(Object.values(traffic?.options.NetworkingConfig?.EndpointsConfig ?? {})).toEqual([
    { MacAddress: expect.stringMatching(/^02(?::[0-9a-f]{2}){5}$/), IPAMConfig: { IPv4Address: host } },
  ])
})

test('sites without outbound have no resolver', () => {
  const launch = probeLaunch({ sidecar: true })
  const dnsOf = (outbound: 'none' | 'internet') =>
    planContainers({ ...launch, blueprint: { ...launch.blueprint, outbound } }, surroundings, site).map(
      ({ options }) => options.HostConfig?.Dns,
    )
  expect(dnsOf('none')).toEqual([['192.0.2.1'], undefined])
  expect(dnsOf('internet')).toEqual([undefined, undefined])
})

test('no two ports share a network', () => {
  const subnets = Array.from({ length: 65_536 }, (_, port) => siteAddress(port).subnet)
  expect(new Set(subnets).size).toBe(65_536)
  expect(subnets.at(-1)).toBe('10.215.255.248/29')
})

test('what Sitewright sets wins over what a launch or a blueprint says', () => {
  const launch = probeLaunch({ environment: { PORT: '1', HOST: 'x', DATA_DIRECTORY: '/etc' } })
  const [traffic] = planContainers(launch, surroundings, site)
  expect(traffic?.options.Env).toEqual(expect.arrayContaining(['PORT=20001', 'HOST=0.0.0.0', 'DATA_DIRECTORY=/data']))
})

test('a container gets its command and files for this site, and reads its files only', () => {
  const container = {
    command: ['serve', '${HOST}:${PORT}', '${FILES_DIRECTORY}/a', '$$HOME'],
    files: { a: 'x' },
    environment: { URL: 'http://127.0.0.1:${PORT}' },
  }
  const [traffic, sidecar] = planContainers(probeLaunch({ sidecar: true, container }), surroundings, site)
  expect(traffic?.options.Cmd).toEqual(['serve', '0.0.0.0:20001', '/run/sitewright/files/a', '$HOME'])
  expect(traffic?.options.Env).toEqual(
    expect.arrayContaining(['URL=http://127.0.0.1:20001', 'FILES_DIRECTORY=/run/sitewright/files']),
  )
  expect(traffic?.options.HostConfig?.Binds).toEqual([
    '/srv/data:/data:z',
    '/srv/files/probe-site:/run/sitewright/files:ro,z',
  ])
  expect(sidecar?.options.HostConfig?.Binds).toEqual(['/srv/data:/data:z'])
})

test('a product with a port of its own is told it, and reached at the address or the published port of its site', () => {
  const launch = probeLaunch({ port: 8055 })
  const [published] = planContainers(launch, surroundings, site)
  expect(published?.options.Env).toContain('PORT=8055')
  expect(published?.options.Labels).toMatchObject({ 'sitewright.port': '8055' })
  expect(published?.options.HostConfig?.PortBindings).toEqual({
    '8055/tcp': [{ HostIp: '127.0.0.1', HostPort: '20001' }],
  })
  const [direct] = planContainers(launch, { ...surroundings, reach: 'direct' }, site)
  expect(Object.values(direct?.options.NetworkingConfig?.EndpointsConfig ?? {})).toEqual([
    { MacAddress: expect.any(String), IPAMConfig: { IPv4Address: siteAddress(site.port).host } },
  ])
})

/** The directories in memory of each container, such as `/tmp rw`. */
const memoryOf = (
  launch: ReturnType<typeof probeLaunch>,
  engine: { readonly isPodman: boolean; readonly ownScratch: readonly string[] },
  volumes: readonly string[] = [],
) => {
  const of = new Map(launch.blueprint.containers.map(({ image }) => [image, volumes]))
  return planContainers(launch, { ...surroundings, ...engine }, { ...site, volumes: of }).map(({ options }) => {
    const { Tmpfs = {}, Mounts = [] } = options.HostConfig ?? {}
    const asked = Object.entries(Tmpfs).map(([path, flags]) => `${path} ${flags.split(',', 1)}`)
    return [...asked, ...Mounts.map(({ Target, ReadOnly }) => `${Target} ${ReadOnly ? 'ro' : 'rw'}`)].toSorted()
  })
}

const docker = { isPodman: false, ownScratch: [] }
const podman = { isPodman: true, ownScratch: ['/run', '/var/tmp'] }

test.each([docker, podman])(
  'a container may write to its scratch directories and to /tmp (Podman: $isPodman)',
  (engine) => {
    const launch = probeLaunch({ sidecar: true, container: { writable: ['/var/cache'] } })
    const closed = engine.ownScratch.map((path) => `${path} ro`)
    expect(memoryOf(launch, engine)).toEqual([
      ['/tmp rw', '/var/cache rw', ...closed].toSorted(),
      ['/tmp rw', ...closed].toSorted(),
    ])
  },
)

test('directories in memory are small, and nothing runs from there', () => {
  const launch = probeLaunch()
  const [onDocker] = planContainers(launch, surroundings, site)
  // Docker adds nosuid, nodev and noexec by itself.
  expect(onDocker?.options.HostConfig?.Mounts).toEqual([
    { Type: 'tmpfs', Source: '', Target: '/tmp', ReadOnly: false, TmpfsOptions: { SizeBytes: 2 ** 26, Mode: 0o1777 } },
  ])
  const [onPodman] = planContainers(launch, { ...surroundings, ...podman }, site)
  expect(onPodman?.options.HostConfig?.Tmpfs?.['/tmp']).toBe('rw,nosuid,nodev,noexec,size=64m,mode=1777')
})

test.each([docker, podman])('no VOLUME of an image is a disk of its own (Podman: $isPodman)', (engine) => {
  const container = {
    writable: ['/var/cache/'],
    mounts: [{ path: '/srv/uploads', directory: 'uploads' }],
    files: { a: '' },
  }
  const launch = probeLaunch({ container })
  const apart = ['/vol/', '/s/../odd', 'relative', '/srv', '/srv/uploads/deep', '/data/cache']
  const inPlace = ['/data', '/data/uploads/', '/srv/uploads', '/run/sitewright/files', '/tmp', '/var/cache']
  const closed = ['/vol', '/odd', '/relative', '/srv', '/srv/uploads/deep', '/data/cache', ...engine.ownScratch]
  // What is below a writable directory is writable, too.
  const open = ['/tmp', '/var/cache', '/var/cache/deep', '/tmp/deep']
  expect(memoryOf(launch, engine, [...apart, ...inPlace, '/var/cache/deep', '/tmp/deep'])).toEqual([
    [...closed.map((path) => `${path} ro`), ...open.map((path) => `${path} rw`)].toSorted(),
  ])
})

test('Podman copies nothing of the image into a directory that stays empty, which would have no room', () => {
  const launch = probeLaunch()
  const volumes = new Map([[launch.blueprint.containers[0]!.image, ['/vol']]])
  const [onPodman] = planContainers(launch, { ...surroundings, ...podman }, { ...site, volumes })
  expect(onPodman?.options.HostConfig?.Tmpfs?.['/vol']).toBe('ro,nosuid,nodev,noexec,size=64k,notmpcopyup')
})

test('directories that an engine would make writable by itself are read-only, unless the blueprint names them', () => {
  const launch = probeLaunch({ sidecar: true, container: { writable: ['/run'] } })
  expect(memoryOf(launch, podman)).toEqual([
    ['/run rw', '/tmp rw', '/var/tmp ro'],
    ['/run ro', '/tmp rw', '/var/tmp ro'],
  ])
})

test('the first container in the order of the blueprint owns the network and the port', () => {
  const launch = probeLaunch({ sidecar: true, container: { after: ['probe-sidecar'] } })
  const [site_, sidecar] = launch.blueprint.containers
  const blueprint = {
    ...launch.blueprint,
    containers: [site_!, { ...sidecar!, health: { command: ['ready', '${PORT}'] } }],
  }
  const [first, second] = planContainers({ ...launch, blueprint }, surroundings, site)
  expect(first).toMatchObject({ container: { name: 'probe-sidecar' }, health: ['ready', '20001'] })
  expect(first?.options.HostConfig?.PortBindings).toEqual({ '20001/tcp': [{ HostIp: '127.0.0.1', HostPort: '20001' }] })
  expect(second?.options.HostConfig).toMatchObject({ NetworkMode: `container:${first?.name}` })
  expect(second).not.toHaveProperty('health')
})

test('an engine that lets us mounts data without devices, programs and their owners’ rights', () => {
  const bindOptions = ['nosuid', 'nodev', 'noexec']
  const [traffic] = planContainers(probeLaunch(), { ...surroundings, bindOptions }, site)
  expect(traffic?.options.HostConfig?.Binds).toEqual(['/srv/data:/data:z,nosuid,nodev,noexec'])
  const [onDocker] = planContainers(probeLaunch(), surroundings, site)
  expect(onDocker?.options.HostConfig?.Binds).toEqual(['/srv/data:/data:z'])
})

test('subdirectories of the data are mounted elsewhere, and fixed in every container', () => {
  const mounts = [
    { path: '/var/lib/app', directory: 'app' },
    { path: '/srv/uploads', directory: 'uploads' },
  ]
  const launch = probeLaunch({ sidecar: true, container: { mounts } })
  const [traffic, sidecar] = planContainers(launch, { ...surroundings, bindOptions: ['nosuid'] }, site)
  const fixed = ['/srv/data:/data', '/srv/data/app:/data/app', '/srv/data/uploads:/data/uploads']
  const own = ['/srv/data/app:/var/lib/app', '/srv/data/uploads:/srv/uploads']
  const binds = (paths: readonly string[]) => paths.map((path) => `${path}:z,nosuid`)
  expect(traffic?.options.HostConfig?.Binds).toEqual(binds([...fixed, ...own]))
  expect(sidecar?.options.HostConfig?.Binds).toEqual(binds(fixed))
})

test('a container with capabilities starts as root with these alone, and others do not', () => {
  const launch = probeLaunch({ sidecar: true, container: { capabilities: ['CHOWN', 'SETUID'] } })
  const [traffic, sidecar] = planContainers(launch, surroundings, site)
  expect(traffic?.options).toMatchObject({
    User: '0:0',
    HostConfig: { CapDrop: ['ALL'], CapAdd: ['CHOWN', 'SETUID'], SecurityOpt: ['no-new-privileges'] },
  })
  expect(sidecar?.options).toMatchObject({ User: '10001:10001', HostConfig: { CapDrop: ['ALL'], CapAdd: [] } })
})

test('every container is bounded and without rights', () => {
  for (const { options } of planContainers(probeLaunch({ sidecar: true }), surroundings, site)) {
    expect(options.User).toBe('10001:10001')
    expect(options.HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      NanoCpus: 250_000_000,
      Memory: 128 * 1_048_576,
      MemorySwap: 128 * 1_048_576,
      PidsLimit: 32,
    })
  }
})
