import { describe, expect, test } from 'vitest'
import { taskDefinitionOf } from '../../../adapters/ecs/task-definition.ts'
import { parametersOf, type SiteSurroundings } from '../../../adapters/ecs/task-parts.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId } from '../../support/probe-launch.ts'

const image = (letter: string) =>
  `111122223333.dkr.ecr.eu-central-1.amazonaws.com/${letter}@sha256:${letter.repeat(64)}`

const launch: Launch = {
  siteId: newSiteId(),
  cell: 'local',
  generation: 1,
  size: { cpu: 1, memoryMiB: 2048, processes: 128 },
  plan: 'trial',
  interruptible: true,
  environment: { SITEWRIGHT_ROOT_KEY: 'the root key' },
  secrets: { SESSION_KEY: 'a secret value', SHARED: 'another secret value' },
  blueprint: parseBlueprint(
    {
      name: 'shop',
      version: 3,
      title: 'Shop',
      containers: [
        { name: 'queue', image: image('b'), secrets: ['SHARED'], environment: { COLOUR: 'green' } },
        { name: 'web', image: image('a'), command: ['serve'], secrets: ['SESSION_KEY', 'SHARED'], share: 3 },
      ],
      traffic: { container: 'web' },
      data: { directory: '/var/data', mode: 'exclusive' },
    },
    'shop.yaml',
  ),
}

const site: SiteSurroundings = {
  family: `sitewright-test-${launch.siteId}`,
  port: 23_456,
  owner: { uid: 1_234_567, gid: 1_234_567 },
  accessPointId: 'fsap-own',
  roleArn: `arn:aws:iam::111122223333:role/sites/${launch.siteId}`,
  parameters: { SHARED: 'arn:parameter:SHARED', SESSION_KEY: 'arn:parameter:SESSION_KEY' },
}

const definition = taskDefinitionOf(launch, site, cellSample)
const containers = definition.containerDefinitions ?? []
const named = (name: string) => containers.find((container) => container.name === name)!
const environmentOf = (name: string) =>
  Object.fromEntries((named(name).environment ?? []).map((entry) => [entry.name, entry.value]))

test('a container with capabilities starts as root and loses all others that Fargate gives', () => {
  const [queue, web] = launch.blueprint.containers
  const privileged: Launch = {
    ...launch,
    blueprint: { ...launch.blueprint, containers: [queue!, { ...web!, capabilities: ['CHOWN', 'SETUID', 'SETGID'] }] },
  }
  const made = taskDefinitionOf(privileged, site, cellSample).containerDefinitions ?? []
  const rightsOf = (name: string) => {
    const { user, linuxParameters } = made.find((container) => container.name === name) ?? {}
    return { user, capabilities: linuxParameters?.capabilities }
  }
  const dropped =
    'AUDIT_WRITE DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETPCAP SYS_CHROOT'.split(' ')
  expect(rightsOf('web')).toEqual({ user: '0:0', capabilities: { drop: dropped } })
  expect(rightsOf('queue')).toEqual({ user: '1234567:1234567', capabilities: { drop: ['ALL'] } })
})

describe('a task definition with templates', () => {
  const [queue, web] = launch.blueprint.containers
  const templates = {
    command: ['serve', '${PORT}', '${FILES_DIRECTORY}', '${SITE_URL}'],
    environment: { QUEUE: 'amqp://${secret.SHARED}@127.0.0.1', OPEN: '${SITE_URL} $$' },
    files: { 'a.conf': 'listen ${PORT}; key ${secret.SESSION_KEY}; $$' },
  }
  const asked: Launch = {
    ...launch,
    facts: { SITE_URL: 'https://shop.example.com' },
    blueprint: { ...launch.blueprint, containers: [queue!, { ...web!, ...templates }] },
  }
  const values = parametersOf(asked, site.port)
  const parameters = Object.fromEntries(Object.keys(values).map((name) => [name, `arn:parameter:${name}`]))
  const made = taskDefinitionOf(asked, { ...site, parameters }, cellSample)
  const mixed = Object.keys(values).find((name) => name.startsWith('web.QUEUE.'))!

  test('keeps a text that mixes secrets with others in a parameter, and shows no secret', () => {
    expect(values).toEqual({ ...launch.secrets, [mixed]: 'amqp://another secret value@127.0.0.1' })
    const container = made.containerDefinitions?.find(({ name }) => name === 'web')
    expect(container?.secrets).toContainEqual({ name: 'QUEUE', valueFrom: `arn:parameter:${mixed}` })
    expect(container?.environment).toContainEqual({ name: 'OPEN', value: 'https://shop.example.com $' })
    expect(container?.environment?.map(({ name }) => name)).not.toContain('QUEUE')
    expect(container?.command).toEqual(['serve', '23456', '/run/sitewright/files', 'https://shop.example.com'])
    expect(JSON.stringify(made)).not.toContain('secret value')
  })

  test('names the parameter of another text differently, and of another secret value the same', () => {
    const rolled = parametersOf({ ...asked, secrets: { ...asked.secrets, SHARED: 'x' } }, site.port)
    expect(Object.keys(rolled)).toEqual(Object.keys(values))
    const environment = { ...templates.environment, QUEUE: 'amqps://${secret.SHARED}@127.0.0.1' }
    const changed = { ...asked.blueprint, containers: [queue!, { ...web!, ...templates, environment }] }
    expect(parametersOf({ ...asked, blueprint: changed }, site.port)).not.toHaveProperty([mixed])
  })

  test('keeps a secret that was set for the site in parameters of its own, by the version that set it', () => {
    const given = { ...asked, secrets: { ...asked.secrets, SHARED: 'set for it' }, given: { SHARED: '7' } }
    const kept = parametersOf(given, site.port)
    const [ownMixed] = Object.keys(kept).filter((name) => name.startsWith('web.QUEUE.'))
    expect(ownMixed).not.toBe(mixed)
    expect(kept).toEqual({
      SESSION_KEY: 'a secret value',
      'given.7.SHARED': 'set for it',
      [ownMixed!]: 'amqp://set for it@127.0.0.1',
    })
    const stored = Object.fromEntries(Object.keys(kept).map((name) => [name, `arn:parameter:${name}`]))
    const other = taskDefinitionOf(given, { ...site, parameters: stored }, cellSample)
    const secretsIn = (name: string) => other.containerDefinitions?.find((one) => one.name === name)?.secrets
    expect(secretsIn('queue')).toEqual([{ name: 'SHARED', valueFrom: 'arn:parameter:given.7.SHARED' }])
    expect(secretsIn('web_files')).toContainEqual({ name: 'SECRET_SHARED', valueFrom: 'arn:parameter:given.7.SHARED' })
    const later = parametersOf({ ...given, given: { SHARED: '8' } }, site.port)
    expect(Object.keys(later).filter((name) => Object.hasOwn(kept, name))).toEqual(['SESSION_KEY'])
  })

  test('writes files before the container starts, which reads them only', () => {
    const writer = made.containerDefinitions?.find(({ name }) => name === 'web_files')
    expect(writer).toMatchObject({
      image: cellSample.helperImage,
      command: ['node', '/app/site-helper/index.mjs', 'files'],
      essential: false,
      user: '1234567:1234567',
      readonlyRootFilesystem: true,
      environment: [
        { name: 'FILES', value: JSON.stringify({ 'a.conf': 'listen 23456; key ${secret.SESSION_KEY}; $$' }) },
        { name: 'FILES_TO', value: '/tmp' },
      ],
      secrets: [
        { name: 'SECRET_SESSION_KEY', valueFrom: 'arn:parameter:SESSION_KEY' },
        { name: 'SECRET_SHARED', valueFrom: 'arn:parameter:SHARED' },
      ],
      mountPoints: [{ sourceVolume: 'web_files', containerPath: '/tmp' }],
    })
    expect(made.volumes).toContainEqual({ name: 'web_files' })
    const container = made.containerDefinitions?.find(({ name }) => name === 'web')
    expect(container?.dependsOn).toEqual([{ containerName: 'web_files', condition: 'SUCCESS' }, ...leaseFirst])
    expect(container?.mountPoints).toContainEqual({
      sourceVolume: 'web_files',
      containerPath: '/run/sitewright/files',
      readOnly: true,
    })
  })
})

test('a task definition has the order and the health checks of its blueprint', () => {
  const [queue, web] = launch.blueprint.containers
  const containers = [
    { ...queue!, health: { command: ['ready', '${PORT}'] } },
    { ...web!, after: ['queue'], health: { command: ['unused'] } },
    { ...queue!, name: 'last', after: ['web', 'queue'] },
  ]
  const made = taskDefinitionOf({ ...launch, blueprint: { ...launch.blueprint, containers } }, site, cellSample)
  const [first, second, third] = made.containerDefinitions?.slice(2) ?? []
  expect(first).toMatchObject({
    healthCheck: { command: ['CMD', 'ready', '23456'], interval: 5, timeout: 5, retries: 10, startPeriod: 60 },
  })
  expect(first?.dependsOn).toEqual(leaseFirst)
  expect(second?.dependsOn).toEqual([{ containerName: 'queue', condition: 'HEALTHY' }, ...leaseFirst])
  expect(third?.dependsOn).toEqual([
    { containerName: 'web', condition: 'HEALTHY' },
    { containerName: 'queue', condition: 'HEALTHY' },
    ...leaseFirst,
  ])
})

/** What a container waits for so that it has the data to itself. */
const leaseFirst = [
  { containerName: 'data_lease', condition: 'SUCCESS' },
  { containerName: 'data_keeper', condition: 'START' },
]

describe('a task definition of exclusive data', () => {
  test('takes the lease of the data before the site starts, and releases it after the site has ended', () => {
    const mountPoints = [
      { sourceVolume: 'data', containerPath: '/site-data' },
      { sourceVolume: 'data_lease', containerPath: '/tmp' },
    ]
    const common = { image: cellSample.helperImage, user: '1234567:1234567', readonlyRootFilesystem: true, mountPoints }
    const command = (work: string) => ['node', '/app/site-helper/index.mjs', work]
    expect(named('data_lease')).toMatchObject({ ...common, command: command('take'), essential: false })
    // Where it ends, the task does.
    expect(named('data_keeper')).toMatchObject({ ...common, command: command('keep'), essential: true })
    expect(definition.volumes).toContainEqual({ name: 'data_lease' })
    // ECS ends what depends on a container before that container.
    for (const name of ['web', 'queue']) expect(named(name).dependsOn).toEqual(expect.arrayContaining(leaseFirst))
  })

  test.each([
    [undefined, 65],
    [90, 185],
    [400, 245],
  ])('counts with the longest end of all its containers: %s seconds each', (stopSeconds, expected) => {
    const traffic = { ...launch.blueprint.traffic, ...(stopSeconds === undefined ? {} : { stopSeconds }) }
    const made = taskDefinitionOf({ ...launch, blueprint: { ...launch.blueprint, traffic } }, site, cellSample)
    const keeper = made.containerDefinitions?.find(({ name }) => name === 'data_keeper')
    expect(keeper?.environment).toContainEqual({ name: 'STOP_SECONDS', value: String(expected) })
  })

  test('has no lease where the data is shared', () => {
    const blueprint = { ...launch.blueprint, data: { ...launch.blueprint.data, mode: 'shared' as const } }
    const made = taskDefinitionOf({ ...launch, blueprint }, site, cellSample)
    expect(made.containerDefinitions?.map(({ name }) => name)).toEqual(['queue', 'web'])
    expect(made.containerDefinitions?.find(({ name }) => name === 'web')).not.toHaveProperty('dependsOn')
    expect(made.volumes?.map(({ name }) => name)).toEqual(['data', 'tmp'])
  })
})

describe('a task definition of a product with a port of its own', () => {
  const withPort = (port: number) => {
    const { traffic } = launch.blueprint
    const blueprint = { ...launch.blueprint, traffic: { ...traffic, port } }
    return taskDefinitionOf({ ...launch, blueprint }, site, cellSample).containerDefinitions ?? []
  }

  test('listens on the site’s port in a container of ours, and opens no other', () => {
    const made = withPort(8055)
    expect(made.at(-1)).toMatchObject({
      name: 'site_port',
      image: cellSample.helperImage,
      command: ['node', '/app/site-helper/index.mjs', 'port'],
      essential: true,
      user: '1234567:1234567',
      readonlyRootFilesystem: true,
      portMappings: [{ containerPort: 23_456, protocol: 'tcp' }],
      environment: [
        { name: 'FORWARD_TO', value: '8055' },
        { name: 'PORT', value: '23456' },
      ],
      dependsOn: [{ containerName: 'web', condition: 'START' }],
    })
    const web = made.find(({ name }) => name === 'web')
    expect(web).not.toHaveProperty('portMappings')
    expect(web?.environment).toContainEqual({ name: 'PORT', value: '8055' })
  })

  test('has a volume for each scratch directory of a container', () => {
    const [queue, web] = launch.blueprint.containers
    const blueprint = { ...launch.blueprint, containers: [queue!, { ...web!, writable: ['/var/cache', '/run/x'] }] }
    const made = taskDefinitionOf({ ...launch, blueprint }, site, cellSample)
    expect(made.containerDefinitions?.map(({ mountPoints }) => mountPoints?.slice(2))).toEqual([
      [],
      [],
      [],
      [
        { sourceVolume: 'web_writable_0', containerPath: '/var/cache' },
        { sourceVolume: 'web_writable_1', containerPath: '/run/x' },
      ],
    ])
    expect(made.volumes?.slice(3)).toEqual([{ name: 'web_writable_0' }, { name: 'web_writable_1' }])
  })

  test('takes the memory and CPU of that container off the site’s', () => {
    const sum = (of: 'cpu' | 'memory') => withPort(8055).reduce((total, container) => total + (container[of] ?? 0), 0)
    expect([sum('cpu'), sum('memory')]).toEqual([1024, 2048])
  })

  test('needs no such container where the ports are the same', () => {
    expect(withPort(23_456).map(({ name }) => name)).not.toContain('site_port')
  })
})

describe('a task definition', () => {
  test('is an arm64 Fargate task of the plan’s size, in the words of ECS', () => {
    expect(definition).toMatchObject({
      family: `sitewright-test-${launch.siteId}`,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
      cpu: '1024',
      memory: '2048',
      taskRoleArn: site.roleArn,
      executionRoleArn: cellSample.executionRoleArn,
    })
  })

  test('divides the size among the containers by their shares', () => {
    expect(named('data_keeper')).toMatchObject({ cpu: 16, memory: 64 })
    expect(named('web')).toMatchObject({ cpu: 756, memory: 1488 })
    expect(named('queue')).toMatchObject({ cpu: 252, memory: 496 })
  })

  test.each(['web', 'queue'])('gives %s no rights: another user than root, a fixed root, no capabilities', (name) => {
    expect(named(name)).toMatchObject({
      essential: true,
      user: '1234567:1234567',
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
      ulimits: [
        { name: 'nofile', softLimit: 8192, hardLimit: 8192 },
        { name: 'nproc', softLimit: 128, hardLimit: 128 },
      ],
    })
    expect(named(name)).not.toHaveProperty('privileged')
  })

  test('mounts the site’s own data, by its role and encrypted, and a place for temporary files', () => {
    expect(definition.volumes).toEqual([
      {
        name: 'data',
        efsVolumeConfiguration: {
          fileSystemId: 'fs-1',
          transitEncryption: 'ENABLED',
          authorizationConfig: { accessPointId: 'fsap-own', iam: 'ENABLED' },
        },
      },
      { name: 'tmp' },
      { name: 'data_lease' },
    ])
    for (const { mountPoints } of ['web', 'queue'].map(named)) {
      expect(mountPoints).toEqual([
        { sourceVolume: 'data', containerPath: '/var/data' },
        { sourceVolume: 'tmp', containerPath: '/tmp' },
      ])
    }
  })

  test('tells every container what the launch says, and where to listen', () => {
    expect(environmentOf('queue')).toEqual({
      HOME: '/tmp',
      COLOUR: 'green',
      SITEWRIGHT_ROOT_KEY: 'the root key',
      HOST: '0.0.0.0',
      PORT: '23456',
      DATA_DIRECTORY: '/var/data',
    })
  })

  test('hands a container the secrets that the blueprint names for it, by reference', () => {
    expect(named('queue').secrets).toEqual([{ name: 'SHARED', valueFrom: 'arn:parameter:SHARED' }])
    expect(named('web').secrets).toEqual([
      { name: 'SESSION_KEY', valueFrom: 'arn:parameter:SESSION_KEY' },
      { name: 'SHARED', valueFrom: 'arn:parameter:SHARED' },
    ])
    expect(JSON.stringify(definition)).not.toContain('secret value')
  })

  test('starts the traffic container first, and opens its port alone', () => {
    expect(named('web').portMappings).toEqual([{ containerPort: 23_456, protocol: 'tcp' }])
    expect(named('web').dependsOn).toEqual(leaseFirst)
    expect(named('queue').dependsOn).toEqual([{ containerName: 'web', condition: 'START' }, ...leaseFirst])
    expect(named('queue')).not.toHaveProperty('portMappings')
  })

  test('writes logs under the site’s name, and never waits for them', () => {
    expect(named('web').logConfiguration).toMatchObject({
      logDriver: 'awslogs',
      options: {
        'awslogs-group': '/sitewright-test/sites/blue',
        'awslogs-region': 'eu-central-1',
        'awslogs-stream-prefix': launch.siteId,
        mode: 'non-blocking',
      },
    })
  })

  test('is the same in whatever order the launch names things', () => {
    const reordered = { ...site, parameters: Object.fromEntries(Object.entries(site.parameters).reverse()) }
    expect(taskDefinitionOf(launch, reordered, cellSample)).toEqual(definition)
  })

  test.each(['web:1', 'web', `web@sha256:${'a'.repeat(63)}`, `web:1@sha256:${'a'.repeat(64)}0`])(
    'is refused for the image %s, which is not pinned',
    (unpinned) => {
      const [first, ...others] = launch.blueprint.containers
      const blueprint = { ...launch.blueprint, containers: [...others, { ...first!, image: unpinned }] }
      expect(() => taskDefinitionOf({ ...launch, blueprint }, site, cellSample)).toThrow(
        expect.objectContaining({ kind: 'LaunchFailed', message: expect.stringContaining(unpinned) }),
      )
    },
  )

  test('is refused for a size that Fargate does not offer', () => {
    const size = { cpu: 0.5, memoryMiB: 256, processes: 128 }
    expect(() => taskDefinitionOf({ ...launch, size }, site, cellSample)).toThrow(
      expect.objectContaining({ kind: 'LaunchFailed', message: expect.stringContaining('256') }),
    )
  })
})
