import { DescribeAccessPointsCommand } from '@aws-sdk/client-efs'
import { GetParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { siteOwner } from '../../../adapters/efs/access-point-storage.ts'
import type { SiteId } from '../../../core/ids.ts'
import { call } from '../../e2e/call.ts'
import { type SiteBody, startSignup } from '../../e2e/visitor.ts'
import { askProbe } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { probeBlueprint, probeImageOnAws } from '../support/probe-blueprint.ts'
import { type Installation, type Owner, openInstallation, siteIdOf } from './installation.ts'
import { openTaskEngine } from './task-engine.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

const engine = await openTaskEngine()

describe('a visitor of an installation whose pool is empty', () => {
  let installation: Installation
  let owner: Owner
  let answer: { status: number; json: SiteBody }
  let siteId: SiteId

  beforeAll(async () => {
    installation = await openInstallation({ blueprint: probeBlueprint({ name: 'welcome', health: 'well' }), engine })
    owner = await installation.signIn('ada@acme.example')
    answer = await installation.buildSite(owner, 'acme')
    siteId = siteIdOf(answer.json)
  })
  afterAll(() => installation.close())

  it('is refused by the API when the request does not come by way of the distribution', async () => {
    const { edge, mailTo } = installation
    expect((await startSignup(edge.origin, 'eve@acme.example')).status).toBe(403)
    const guess = { 'x-sitewright-origin': 'a guess', 'cloudfront-viewer-address': '198.51.100.7:1' }
    const guessed = await call(edge.origin, { method: 'GET', path: '/v1/plans', headers: guess })
    expect(guessed.status).toBe(403)
    expect((await call(edge.distribution, { path: '/v1/plans' })).status).toBe(200)
    expect(mailTo('eve@acme.example')).toEqual([])
  })

  it('gets the code by mail from the address of the stage', () => {
    expect(installation.mailTo(owner.email)[0]).toMatchObject({
      from: 'no-reply@try.example.com',
      subject: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4} is your Sitewright code$/),
    })
  })

  it('is promised a site, which an execution builds and opens', async () => {
    expect(answer).toMatchObject({ status: 202, json: { status: 'building', url: 'https://acme.example.net' } })
    // More than one if the sweep had to resume the build.
    for (const name of installation.world.executions()) expect(name).toContain(siteId)
    expect(await installation.siteOf(owner, siteId)).toMatchObject({ status: 'active', progress: { percent: 100 } })
  })

  it('has a site whose task definition says all there is to say', async () => {
    const { world, asked } = installation
    const { port } = (await endpointOf())!
    const { uid, gid } = siteOwner(siteId)
    const points = await accessPoints()
    expect(asked('ecs.RegisterTaskDefinition')).toEqual([
      {
        family: `sitewright-production-${siteId}`,
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
        // From the trial plan.
        cpu: '512',
        memory: '1024',
        executionRoleArn: world.cell.executionRoleArn,
        taskRoleArn: `arn:aws:iam::123456789012:role/sitewright-production/sites/${siteId}`,
        containerDefinitions: [
          expect.objectContaining({ name: 'data_lease', essential: false }),
          expect.objectContaining({ name: 'data_keeper', essential: true, cpu: 16, memory: 64 }),
          {
            name: 'probe-site',
            image: probeImageOnAws,
            command: ['node', '/app/probe-site.mjs'],
            cpu: 496,
            memory: 960,
            essential: true,
            dependsOn: [
              { containerName: 'data_lease', condition: 'SUCCESS' },
              { containerName: 'data_keeper', condition: 'START' },
            ],
            portMappings: [{ containerPort: port, protocol: 'tcp' }],
            user: `${uid}:${gid}`,
            readonlyRootFilesystem: true,
            linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
            ulimits: [
              { name: 'nofile', softLimit: 8192, hardLimit: 8192 },
              { name: 'nproc', softLimit: 128, hardLimit: 128 },
            ],
            environment: [
              { name: 'DATA_DIRECTORY', value: '/data' },
              { name: 'HOME', value: '/tmp' },
              { name: 'HOST', value: '0.0.0.0' },
              { name: 'PORT', value: String(port) },
              { name: 'PROBE_OF', value: String(process.pid) },
              { name: 'SITEWRIGHT_ROOT_KEY', value: world.rootPublicKey },
              { name: 'SITEWRIGHT_SITE_ID', value: siteId },
            ],
            secrets: [{ name: 'TOKEN', valueFrom: `arn:aws:ssm:eu-central-1:123456789012:parameter${secretName()}` }],
            mountPoints: [
              { sourceVolume: 'data', containerPath: '/data' },
              { sourceVolume: 'tmp', containerPath: '/tmp' },
            ],
            logConfiguration: {
              logDriver: 'awslogs',
              options: {
                'awslogs-group': world.cell.logGroup,
                'awslogs-region': 'eu-central-1',
                'awslogs-stream-prefix': siteId,
                mode: 'non-blocking',
                'max-buffer-size': '4m',
              },
            },
          },
        ],
        volumes: [
          {
            name: 'data',
            efsVolumeConfiguration: {
              fileSystemId: world.cell.fileSystemId,
              transitEncryption: 'ENABLED',
              authorizationConfig: { accessPointId: points[0]?.AccessPointId, iam: 'ENABLED' },
            },
          },
          { name: 'tmp' },
          { name: 'data_lease' },
        ],
        tags: [...tags(), { key: 'sitewright:digest', value: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      },
    ])
    expect(points).toMatchObject([{ PosixUser: { Uid: uid, Gid: gid }, RootDirectory: { Path: `/sites/${siteId}` } }])
  })

  it('has a service of one task, on Spot as befits a trial, that never has the data open twice', () => {
    const { world, asked } = installation
    expect(asked('ecs.UpdateService')).toEqual([])
    expect(asked('ecs.CreateService')).toEqual([
      {
        serviceName: siteId,
        cluster: world.cell.clusterArn,
        taskDefinition: expect.stringMatching(new RegExp(`:task-definition/sitewright-production-${siteId}:1$`)),
        desiredCount: 1,
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }],
        platformVersion: 'LATEST',
        deploymentConfiguration: {
          deploymentCircuitBreaker: { enable: true, rollback: true },
          minimumHealthyPercent: 0,
          maximumPercent: 100,
        },
        availabilityZoneRebalancing: 'DISABLED',
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: world.cell.subnets.none,
            securityGroups: [world.cell.securityGroups.none],
            assignPublicIp: 'DISABLED',
          },
        },
        enableECSManagedTags: true,
        propagateTags: 'SERVICE',
        tags: [...tags(), { key: 'sitewright:plan', value: 'trial' }],
      },
    ])
  })

  it("reaches the site's task at the address that ECS reported, through the router", async () => {
    const endpoint = (await endpointOf())!
    const [task, ...others] = installation.world.aws.fargate.tasksOf(siteId)
    expect(others).toEqual([])
    expect(endpoint.host).toBe(task?.host)
    const visited = await installation.visit('acme', '/instance')
    expect(visited).toMatchObject({ status: 200, json: await askProbe(endpoint, '/instance') })
    expect(visited.json['value']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it("meets a site that has its secret from its parameter, and keeps what it is given in its owner's directory", async () => {
    const Name = secretName()
    const { Parameter } = await installation.world.aws.clients.ssm.send(
      new GetParameterCommand({ Name, WithDecryption: true }),
    )
    expect(Parameter?.Type).toBe('SecureString')
    const { value } = (await installation.visit('acme', '/environment')).json
    expect(value).toMatchObject({ TOKEN: Parameter?.Value, SITEWRIGHT_ROOT_KEY: installation.world.rootPublicKey })
    expect((await installation.visit('acme', '/put?text=kept')).status).toBe(200)
    expect((await installation.visit('acme', '/data')).json).toEqual({ value: 'kept' })
  })

  it.runIf(engine)(
    'meets a container of that definition: its user, no capabilities, a root that is not written to',
    async () => {
      const read = async (path: string): Promise<string> =>
        String((await installation.visit('acme', `/file?path=${path}`)).json['value'])
      const status = await read('/proc/self/status')
      const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1]
      expect(field('Uid')).toBe(String(siteOwner(siteId).uid))
      expect(field('CapEff')).toBe('0000000000000000')
      expect(field('CapBnd')).toBe('0000000000000000')
      // An init process is the first.
      expect(field('Pid')).not.toBe('1')
      expect(await read('/proc/self/limits')).toMatch(/^Max processes\s+128\s+128\s/m)
      expect((await installation.visit('acme', '/append?path=/app/new')).json).toEqual({ error: 'EROFS' })
      expect((await installation.visit('acme', '/append?path=/tmp/new')).json).toEqual({})
      // There is no way out, not even to the machine that stands for AWS.
      expect((await installation.visit('acme', '/reach?host=192.0.2.1&port=443')).json['value']).not.toBe('connected')
    },
  )

  it("hears by mail what the table's stream said, through the bus and its rules", async () => {
    const { events, mailTo } = installation
    await waitFor(async () => mailTo(owner.email).length > 1)
    expect(mailTo(owner.email).map(({ subject }) => subject)).toEqual([
      expect.stringContaining('code'),
      'We are building your site acme',
    ])
    expect(events.deliveredTo('mail-owner')).toMatchObject([
      { source: 'sitewright', 'detail-type': 'SiteRequested', detail: { aggregate: { id: siteId } } },
    ])
    // What was built for somebody leaves the pool as it is.
    expect(events.deliveredTo('fill-pool')).toEqual([])
    expect(events.failures()).toEqual([])
  })

  const endpointOf = async () => {
    const site = await installation.world.sites.get(siteId)
    return site?.status === 'active' ? site.endpoint : undefined
  }
  const secretName = (): string => `/sitewright/production/sites/${siteId}/TOKEN`
  const tags = () => [
    { key: 'sitewright:installation', value: 'sitewright-production' },
    { key: 'sitewright:site', value: siteId },
  ]
  const accessPoints = async () => {
    const { aws, cell } = installation.world
    const found = await aws.clients.efs.send(new DescribeAccessPointsCommand({ FileSystemId: cell.fileSystemId }))
    return found.AccessPoints ?? []
  }
})
