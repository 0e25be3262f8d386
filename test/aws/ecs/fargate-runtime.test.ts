import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { DescribeAccessPointsCommand } from '@aws-sdk/client-efs'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serviceSettingsOf } from '../../../adapters/ecs/launch-plan.ts'
import { createSiteServices } from '../../../adapters/ecs/site-services.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { healthyEndpoint, instanceOf, nextInstance } from '../../adapters/runtime/contract.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { askProbe, newSiteId, type ProbeOptions, probeLaunch } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { TaskEvent } from '../support/fargate.ts'
import { forFargate } from '../support/fargate-launch.ts'
import { type FargateStage, openFargateStage } from '../support/fargate-stage.ts'

let stage: FargateStage
beforeAll(async () => {
  stage = await openFargateStage()
})
afterEach(async () => {
  stage.aws.fargate.setSpot(true)
  for (const { siteId } of await stage.runtime.list()) await stage.runtime.remove({ siteId, cell: 'local' })
})
afterAll(() => stage?.close())

const launchOf = (options?: ProbeOptions): Launch => forFargate(probeLaunch(options))

const start = async (launch: Launch): Promise<SiteId> => {
  await stage.storage.prepare(launch)
  await stage.runtime.start(launch)
  return launch.siteId
}

const familyOf = (siteId: SiteId): string => `${stage.aws.installation}-${siteId}`

const serviceOf = async (siteId: SiteId) =>
  (
    await stage.aws.clients.ecs.send(
      new DescribeServicesCommand({ cluster: stage.cell.clusterArn, services: [siteId], include: ['TAGS'] }),
    )
  ).services?.[0]

const revisions = async (siteId: SiteId, status: 'ACTIVE' | 'INACTIVE' = 'ACTIVE') =>
  (await stage.aws.clients.ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: familyOf(siteId), status })))
    .taskDefinitionArns ?? []

/** The operations that a piece of work asks AWS for. */
const callsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = stage.aws.fargate.calls().length
  await work()
  return stage.aws.fargate.calls().slice(before)
}

const capacityOf = async (siteId: SiteId): Promise<string | undefined> =>
  (await serviceOf(siteId))?.capacityProviderStrategy?.[0]?.capacityProvider

const withData = (launch: Launch, mode: 'exclusive' | 'shared'): Launch => ({
  ...launch,
  blueprint: { ...launch.blueprint, data: { ...launch.blueprint.data, mode } },
})

test('a prepared site has its role, its port and its secrets, and starts at its port', async () => {
  const launch = { ...launchOf({ container: { secrets: ['KEY'] } }), secrets: { KEY: 'for this site' } }
  await stage.storage.prepare(launch)
  await stage.runtime.prepare?.(launch)
  const port = await stage.ports.portOf(launch.siteId)
  expect(port).toBeGreaterThan(0)
  await stage.aws.clients.iam.send(new GetRoleCommand({ RoleName: launch.siteId }))
  const Path = `${stage.aws.parameterPath}/${launch.siteId}`
  const { Parameters } = await stage.aws.clients.ssm.send(new GetParametersByPathCommand({ Path }))
  expect(Parameters?.map(({ Name }) => Name)).toEqual([`${Path}/KEY`])
  expect(await serviceOf(launch.siteId)).toBeUndefined()
  await stage.runtime.start(launch)
  expect((await healthyEndpoint(stage.runtime, launch.siteId)).port).toBe(port)
})

describe('a started site', () => {
  test('is a service of its name whose task definition is of its family, and all is tagged', async () => {
    const siteId = await start(launchOf())
    const service = await serviceOf(siteId)
    expect(service).toMatchObject({ serviceName: siteId, status: 'ACTIVE', desiredCount: 1 })
    const { taskDefinition, tags } = await stage.aws.clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: service?.taskDefinition, include: ['TAGS'] }),
    )
    expect(taskDefinition?.family).toBe(familyOf(siteId))
    const ours = { key: 'sitewright:site', value: siteId }
    expect(tags).toContainEqual(ours)
    expect(tags?.map(({ key }) => key)).toContain('sitewright:digest')
    expect(service?.tags).toContainEqual(ours)
  })

  test('finds its secrets in its environment, each container its own', async () => {
    const launch = launchOf({ container: { secrets: ['SESSION_KEY'] } })
    const siteId = await start({ ...launch, secrets: { SESSION_KEY: 'for this site', OTHER: 'for nobody' } })
    const { value } = await askProbe(await healthyEndpoint(stage.runtime, siteId), '/environment')
    expect(value).toMatchObject({ SESSION_KEY: 'for this site' })
    expect(value).not.toHaveProperty('OTHER')
  })

  test('listens on the port that it has to itself, where it is listed', async () => {
    const siteId = await start(launchOf())
    const endpoint = await healthyEndpoint(stage.runtime, siteId)
    expect(endpoint.port).toBe(await stage.ports.portOf(siteId))
    expect(await stage.runtime.list()).toEqual([
      { siteId, cell: stage.cell.name, state: 'running', endpoint, startedAt: expect.any(String) },
    ])
  })

  test('that is started again as it is costs no change of anything', async () => {
    const launch = launchOf()
    const siteId = await start(launch)
    await healthyEndpoint(stage.runtime, siteId)
    const calls = await callsOf(() => stage.another().runtime.start(structuredClone(launch)))
    expect(calls).not.toContain('ecs.RegisterTaskDefinition')
    expect(calls).not.toContain('ecs.CreateService')
    expect(calls).not.toContain('ecs.UpdateService')
    expect(await revisions(siteId)).toHaveLength(1)
  })

  test('in bulk, after its service was deleted, uses its task definition, role and secrets again', async () => {
    const launch = launchOf({ container: { secrets: ['SESSION_KEY'] } })
    const siteId = await start({ ...launch, secrets: { SESSION_KEY: 'for this site' } })
    await healthyEndpoint(stage.runtime, siteId)
    await stage.aws.clients.ecs.send(
      new DeleteServiceCommand({ cluster: stage.cell.clusterArn, service: siteId, force: true }),
    )
    await waitFor(async () => stage.aws.fargate.tasksOf(siteId).every(({ lastStatus }) => lastStatus === 'STOPPED'))
    const again = { ...launch, secrets: { SESSION_KEY: 'for this site' } }
    const calls = await callsOf(async () => stage.runtime.startInBulk?.(again))
    expect(calls.filter((call) => call.startsWith('ecs.'))).toEqual([
      'ecs.DescribeServices',
      'ecs.DescribeTaskDefinition',
      'ecs.ListTasks',
      'ecs.ListTasks',
      'ecs.DescribeTasks',
      'ecs.CreateService',
    ])
    const services = new Set(calls.map((call) => call.slice(0, call.indexOf('.'))))
    expect(services).toEqual(new Set(['ecs', 'dynamodb', 'elasticfilesystem']))
    await healthyEndpoint(stage.runtime, siteId)
  })

  test('by two processes at once is one service with one task', async () => {
    const launch = launchOf()
    await stage.storage.prepare(launch)
    await Promise.all([stage.another().runtime.start(launch), stage.another().runtime.start(launch)])
    await healthyEndpoint(stage.runtime, launch.siteId)
    expect(stage.aws.fargate.tasksOf(launch.siteId)).toHaveLength(1)
    await stage.runtime.remove(launch)
    expect([...(await revisions(launch.siteId)), ...(await stage.runtime.list())]).toEqual([])
  })

  test('is listed with many, page by page, without a call for each', async () => {
    const launches = Array.from({ length: 5 }, () => launchOf())
    await Promise.all(launches.map(start))
    for (const { siteId } of launches) await healthyEndpoint(stage.runtime, siteId)
    const calls = await callsOf(async () => {
      const listed = await stage.runtime.list()
      expect(listed.map(({ siteId }) => siteId).toSorted()).toEqual(launches.map(({ siteId }) => siteId).toSorted())
      expect(listed.every(({ state, endpoint }) => state === 'running' && endpoint !== undefined)).toBe(true)
    })
    expect(calls.filter((call) => call === 'ecs.DescribeTasks')).toHaveLength(1)
    expect(calls).not.toContain('ecs.DescribeServices')
  })
})

test('a second service of one name is not made, and the first one stays as it is', async () => {
  const siteId = await start(launchOf())
  const { taskDefinition = '' } = (await serviceOf(siteId)) ?? {}
  const { containerDefinitions, cpu, memory, requiresCompatibilities } = (
    await stage.aws.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
  ).taskDefinition!
  const other = await stage.aws.clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: familyOf(siteId),
      containerDefinitions,
      cpu,
      memory,
      requiresCompatibilities,
    }),
  )
  const services = createSiteServices({
    ecs: stage.aws.clients.ecs,
    cell: stage.cell,
    installation: stage.aws.installation,
    log: recordingLog(),
  })
  const settings = serviceSettingsOf(launchOf().blueprint, stage.cell)
  const create = (arn: string) =>
    services.create(siteId, { plan: 'trial', taskDefinition: arn, capacity: 'FARGATE_SPOT', settings })
  expect(await create(other.taskDefinition!.taskDefinitionArn!)).toBe(false)
  expect((await serviceOf(siteId))?.taskDefinition).toBe(taskDefinition)
  // The call whose reply was lost, once more.
  expect(await create(taskDefinition)).toBe(true)
  expect(stage.aws.fargate.tasksOf(siteId)).toHaveLength(1)
})

describe('a change of what a site runs', () => {
  test('registers a revision, keeps the one that a rollback needs, and retires those before', async () => {
    const launch = launchOf({ environment: { EDITION: '1' } })
    const { siteId } = launch
    await start(launch)
    for (const edition of ['2', '3']) {
      const before = await instanceOf(stage.runtime, siteId)
      await stage.runtime.start({ ...launch, environment: { ...launch.environment, EDITION: edition } })
      await nextInstance(stage.runtime, siteId, before)
    }
    expect((await revisions(siteId)).map((arn) => arn.split(':').at(-1))).toEqual(['2', '3'])
    expect((await revisions(siteId, 'INACTIVE')).map((arn) => arn.split(':').at(-1))).toEqual(['1'])
  })

  const parametersOf = async (siteId: SiteId): Promise<readonly string[]> => {
    const Path = `${stage.aws.parameterPath}/${siteId}`
    const { Parameters = [] } = await stage.aws.clients.ssm.send(new GetParametersByPathCommand({ Path }))
    return Parameters.map(({ Name = '' }) => Name.slice(Path.length + 1)).toSorted()
  }

  /** A launch with a secret that was set by a version, a variable that holds it, and one that Sitewright made. */
  const setBy = (launch: Launch, version: number): Launch => ({
    ...launch,
    secrets: { KEY: `set by ${version}`, OWN: 'generated' },
    given: { KEY: `${version}` },
  })

  const setsOf = async (siteId: SiteId): Promise<readonly string[]> =>
    (await parametersOf(siteId)).map((name) => name.replace(/[0-9a-f]{16}$/, 'digest'))

  const withSecret = (): Launch =>
    withData(launchOf({ container: { secrets: ['KEY', 'OWN'], environment: { URL: 'a:${secret.KEY}' } } }), 'shared')

  const started = async (launch: Launch): Promise<void> => {
    const before = await instanceOf(stage.runtime, launch.siteId)
    await stage.runtime.start(launch)
    await nextInstance(stage.runtime, launch.siteId, before)
  }

  test('keeps the secrets of what runs, of what ECS would go back to and of a command, and no former ones', async () => {
    const launch = withSecret()
    const { siteId } = launch
    await start(setBy(launch, 1))
    for (const version of [2, 3, 4]) await started(setBy(launch, version))
    const mixed = 'probe-site.URL.digest'
    expect(await setsOf(siteId)).toEqual(['OWN', 'given.3.KEY', 'given.4.KEY', mixed, mixed])
    const run = { key: 'opr_1', command: ['node', '--version'], environment: { TOKEN: 'passes' }, seconds: 60 }
    await stage.runtime.runOnce(setBy(launch, 2), run)
    await started(setBy(launch, 5))
    expect(await parametersOf(siteId)).toEqual(expect.arrayContaining(['given.2.KEY', 'once.TOKEN', 'given.4.KEY']))
    expect(await parametersOf(siteId)).not.toContain('given.3.KEY')
    const { value } = await askProbe(await healthyEndpoint(stage.runtime, siteId), '/environment')
    expect(value).toMatchObject({ KEY: 'set by 5', URL: 'a:set by 5', OWN: 'generated' })
  })

  test('keeps all secrets while ECS could go back from the revision before, too', async () => {
    const launch = withSecret()
    const { siteId } = launch
    await start(setBy(launch, 1))
    await started(setBy(launch, 2))
    // Its task does not come up: to ECS the first revision is the last that did.
    stage.aws.fargate.giveUpOn(siteId)
    await waitFor(async () => (await stage.runtime.locate({ siteId, cell: 'local' })) === undefined)
    await stage.runtime.start(setBy(launch, 3))
    expect(await parametersOf(siteId)).toEqual(expect.arrayContaining(['given.1.KEY', 'given.2.KEY', 'given.3.KEY']))
    await healthyEndpoint(stage.runtime, siteId)
    await started(setBy(launch, 4))
    expect(await parametersOf(siteId)).toEqual(expect.not.arrayContaining(['given.1.KEY', 'given.2.KEY']))
  })

  const overlap = (siteId: SiteId): boolean => {
    const running = stage.aws.fargate.tasksOf(siteId).filter(({ lastStatus }) => lastStatus !== 'STOPPED')
    return running.length > 1
  }

  test.each([
    ['ends the old task before the new one starts, where data is exclusive', 'exclusive', false],
    ['starts the new task before the old one ends, where data is shared', 'shared', true],
  ] as const)('%s', async (_, mode, overlaps) => {
    const launch = withData(launchOf(), mode)
    const siteId = await start(launch)
    const before = await instanceOf(stage.runtime, siteId)
    let seen = false
    stage.aws.fargate.onTaskEvent(() => {
      seen ||= overlap(siteId)
    })
    await stage.runtime.start({ ...launch, environment: { ...launch.environment, EDITION: 'two' } })
    await nextInstance(stage.runtime, siteId, before)
    expect(seen).toBe(overlaps)
  })

  test('of exclusive data does not write before the former task has ended, which ECS does not wait for', async () => {
    const lingering = `
      const name = process.pid + '\\n'
      setInterval(() => require('node:fs').appendFileSync('written', name), 10)
      process.once('SIGTERM', () => setTimeout(() => process.exit(0), 700))
      require('node:http').createServer((_, response) => response.end('{"value":' + name + '}'))
        .listen(process.env.PORT, process.env.HOST)`
    const launch = launchOf({ container: { command: ['node', '--eval', lingering] } })
    const siteId = await start(launch)
    const before = await instanceOf(stage.runtime, siteId)
    stage.aws.fargate.interrupt(siteId)
    await waitFor(() => stage.aws.fargate.tasksOf(siteId).length === 2)
    // Both are there at one time.
    expect(stage.aws.fargate.tasksOf(siteId)[0]?.lastStatus).toBe('STOPPING')
    await nextInstance(stage.runtime, siteId, before)
    const written = await readFile(join(stage.aws.fargate.directoryOf(launch), 'written'), 'utf8')
    const lines = written.split('\n').filter((line) => line !== '')
    expect(lines.filter((line, index) => line !== lines[index - 1])).toHaveLength(2)
  })

  test('of a service that somebody set to no task starts it again', async () => {
    const launch = launchOf()
    const siteId = await start(launch)
    await healthyEndpoint(stage.runtime, siteId)
    const service = await serviceOf(siteId)
    await stage.aws.clients.ecs.send(
      new UpdateServiceCommand({
        cluster: stage.cell.clusterArn,
        service: siteId,
        desiredCount: 0,
        taskDefinition: service?.taskDefinition,
        deploymentConfiguration: { maximumPercent: 100 },
      }),
    )
    await stage.runtime.start(launch)
    expect(await serviceOf(siteId)).toMatchObject({ desiredCount: 1 })
  })
})

test('a site that ECS has given up is deployed once more by the next start', async () => {
  const launch = launchOf()
  const siteId = await start(launch)
  const before = await instanceOf(stage.runtime, siteId)
  stage.aws.fargate.giveUpOn(siteId)
  await waitFor(async () => (await stage.runtime.locate({ siteId, cell: 'local' })) === undefined)
  await stage.runtime.start(launch)
  await nextInstance(stage.runtime, siteId, before)
})

describe('where a site runs', () => {
  test('is Spot for what may be interrupted, and on demand for what may not', async () => {
    const [trial, paid] = [await start(launchOf()), await start(launchOf({ interruptible: false }))]
    expect(await capacityOf(trial)).toBe('FARGATE_SPOT')
    expect(await capacityOf(paid)).toBe('FARGATE')
  })

  test('is on demand where Spot has no room when it starts', async () => {
    stage.aws.fargate.setSpot(false)
    const siteId = await start(launchOf())
    expect(await capacityOf(siteId)).toBe('FARGATE')
    await healthyEndpoint(stage.runtime, siteId)
  })

  test.each([
    ['started again', (launch: Launch) => stage.runtime.start(launch)],
    ['started in bulk', (launch: Launch) => stage.runtime.startInBulk?.(launch)],
  ])('is on demand where Spot has no room after an interruption, once it is %s', async (_how, again) => {
    const launch = launchOf()
    const siteId = await start(launch)
    const before = await instanceOf(stage.runtime, siteId)
    stage.aws.fargate.setSpot(false)
    stage.aws.fargate.interrupt(siteId)
    await waitFor(async () => (await stage.runtime.locate({ siteId, cell: 'local' })) === undefined)
    await waitFor(async () => (await stage.runtime.list())[0]?.state === 'stopped')
    await again(launch)
    await nextInstance(stage.runtime, siteId, before)
    expect(await capacityOf(siteId)).toBe('FARGATE')
  })

  test('changes with the next replacement, and not by a restart', async () => {
    const launch = launchOf()
    const siteId = await start(launch)
    const before = await instanceOf(stage.runtime, siteId)
    const paid: Launch = { ...launch, interruptible: false }
    await stage.runtime.start(paid)
    expect(await capacityOf(siteId)).toBe('FARGATE_SPOT')
    expect(await instanceOf(stage.runtime, siteId)).toBe(before)
    await stage.runtime.start({ ...paid, environment: { ...paid.environment, EDITION: 'two' } })
    await nextInstance(stage.runtime, siteId, before)
    expect(await capacityOf(siteId)).toBe('FARGATE')
  })

  test('may be the internet’s side only where the blueprint asks for it', async () => {
    const closed = launchOf()
    const open: Launch = { ...launchOf(), blueprint: { ...launchOf().blueprint, outbound: 'internet' } }
    const networkOf = async (siteId: SiteId) => (await serviceOf(siteId))?.networkConfiguration?.awsvpcConfiguration
    expect(await networkOf(await start(closed))).toMatchObject({
      assignPublicIp: 'DISABLED',
      subnets: stage.cell.subnets.none,
    })
    expect(await networkOf(await start(open))).toMatchObject({
      assignPublicIp: 'ENABLED',
      subnets: stage.cell.subnets.internet,
    })
  })
})

describe('a task that AWS stops', () => {
  test('is no address any more from when it starts to stop, and another takes its place elsewhere', async () => {
    const siteId = await start(launchOf())
    const before = await healthyEndpoint(stage.runtime, siteId)
    const events: TaskEvent[] = []
    stage.aws.fargate.onTaskEvent((event) => events.push(event))
    const instance = await instanceOf(stage.runtime, siteId)
    stage.aws.fargate.interrupt(siteId)
    expect(await stage.runtime.locate({ siteId, cell: 'local' })).not.toEqual(before)
    await nextInstance(stage.runtime, siteId, instance)
    const after = await healthyEndpoint(stage.runtime, siteId)
    expect(after.host).not.toBe(before.host)
    expect(after.port).toBe(before.port)
    expect(events.map(({ detail }) => [detail.desiredStatus, detail.lastStatus])).toEqual(
      expect.arrayContaining([
        ['STOPPED', 'RUNNING'],
        ['STOPPED', 'STOPPED'],
        ['RUNNING', 'RUNNING'],
      ]),
    )
  })

  test('is replaced also where it only comes up, and leaves nothing that runs', async () => {
    const siteId = await start(launchOf())
    stage.aws.fargate.interrupt(siteId)
    await waitFor(async () => stage.aws.fargate.tasksOf(siteId).length > 1)
    stage.aws.fargate.interrupt(siteId)
    await healthyEndpoint(stage.runtime, siteId)
    await stage.runtime.remove({ siteId, cell: 'local' })
    expect(stage.aws.fargate.tasksOf(siteId).map(({ lastStatus }) => lastStatus)).not.toContain('RUNNING')
  })

  test('leaves an address at which another site’s task does not answer for it', async () => {
    const siteId = await start(launchOf())
    const left = await healthyEndpoint(stage.runtime, siteId)
    await stage.runtime.remove({ siteId, cell: 'local' })
    stage.aws.fargate.placeNextAt(left.host)
    const next = await healthyEndpoint(stage.runtime, await start(launchOf()))
    expect(next.host).toBe(left.host)
    await expect(askProbe(left, '/instance')).rejects.toThrow()
  })
})

describe('a removed site', () => {
  test('leaves nothing on AWS but its data and access point', async () => {
    const launch = launchOf({ container: { secrets: ['KEY'] } })
    const siteId = await start({ ...launch, secrets: { KEY: 'value' } })
    const { id } = await stage.aws.clients.efs
      .send(new DescribeAccessPointsCommand({ FileSystemId: stage.cell.fileSystemId }))
      .then(({ AccessPoints = [] }) => ({
        id: AccessPoints.find(({ ClientToken }) => ClientToken === siteId)?.AccessPointId,
      }))
    const [ofJobs, ofOthers] = [siteId, newSiteId()].map((one) => `${stage.aws.installation}-archiver-${one}-1`)
    for (const family of [ofJobs, ofOthers]) {
      const containerDefinitions = [{ name: 'archiver', image: 'archiver', memory: 64 }]
      await stage.aws.clients.ecs.send(new RegisterTaskDefinitionCommand({ family, containerDefinitions }))
    }
    await stage.runtime.remove({ siteId, cell: 'local' })
    const left = async (familyPrefix: string | undefined) =>
      (await stage.aws.clients.ecs.send(new ListTaskDefinitionsCommand({ familyPrefix }))).taskDefinitionArns
    expect([(await left(ofJobs))?.length, (await left(ofOthers))?.length]).toEqual([0, 1])
    expect((await serviceOf(siteId))?.status).toBe('INACTIVE')
    expect(await revisions(siteId)).toEqual([])
    expect(await revisions(siteId, 'INACTIVE')).toEqual([])
    await expect(stage.aws.clients.iam.send(new GetRoleCommand({ RoleName: siteId }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    })
    const Path = `${stage.aws.parameterPath}/${siteId}`
    expect((await stage.aws.clients.ssm.send(new GetParametersByPathCommand({ Path }))).Parameters).toEqual([])
    expect(await stage.ports.portOf(siteId)).toBeUndefined()
    expect(await stage.storage.list()).toContainEqual({ siteId, cell: stage.cell.name, generation: 1 })
    expect(id).toBeDefined()
  })

  test('is not started while its last task ends, and is a new service after that', async () => {
    const launch = launchOf()
    const siteId = await start(launch)
    await healthyEndpoint(stage.runtime, siteId)
    const letEnd = stage.aws.fargate.holdEnds()
    const removal = stage.runtime.remove({ siteId, cell: 'local' })
    await waitFor(async () => (await serviceOf(siteId))?.status !== 'ACTIVE')
    await expect(stage.another().runtime.start(launch)).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    expect(await stage.ports.portOf(siteId)).toBeDefined()
    letEnd()
    await removal
    expect(await stage.ports.portOf(siteId)).toBeUndefined()
    await stage.runtime.start(launch)
    await healthyEndpoint(stage.runtime, siteId)
  })

  test('that is unknown to the cell is removed without a complaint', async () => {
    await stage.runtime.remove({ siteId: newSiteId(), cell: 'local' })
    expect(await stage.runtime.list()).toEqual([])
  })
})

test('what a start that was cut off has left is listed, and can be removed', async () => {
  const siteId = newSiteId()
  await stage.ports.claim(siteId)
  expect(await stage.runtime.list()).toEqual([{ siteId, cell: stage.cell.name, state: 'stopped' }])
  await stage.runtime.remove({ siteId, cell: 'local' })
  expect(await stage.runtime.list()).toEqual([])
})

test('a launch at fault is a failed launch, before any call of ECS', async () => {
  const launch = probeLaunch()
  const calls = await callsOf(() =>
    expect(start(launch)).rejects.toMatchObject({ kind: 'LaunchFailed', message: expect.stringContaining('digest') }),
  )
  expect(calls.filter((call) => call.startsWith('ecs.'))).toEqual([])
})

describe('a site that falls asleep', () => {
  test('keeps its service without a task, and wakes by a change of it', async () => {
    const launch = launchOf()
    const siteId = await start(launch)
    await healthyEndpoint(stage.runtime, siteId)
    await stage.runtime.stop?.({ siteId, cell: 'local' })
    expect(await serviceOf(siteId)).toMatchObject({ status: 'ACTIVE', desiredCount: 0 })
    const listing = await callsOf(async () => {
      expect(await stage.runtime.list()).toEqual([{ siteId, state: 'asleep', cell: stage.cell.name }])
    })
    expect(listing).not.toContain('ecs.DescribeServices')
    expect(listing).not.toContain('ecs.ListServices')
    const calls = await callsOf(() => stage.another().runtime.start(structuredClone(launch)))
    expect(calls).toContain('ecs.UpdateService')
    expect(calls).not.toContain('ecs.CreateService')
    expect(calls).not.toContain('ecs.RegisterTaskDefinition')
    await healthyEndpoint(stage.runtime, siteId)
    expect(await stage.runtime.list()).toMatchObject([{ siteId, state: 'running' }])
  })

  test('is removed like any other', async () => {
    const siteId = await start(launchOf())
    await stage.runtime.stop?.({ siteId, cell: 'local' })
    await stage.runtime.remove({ siteId, cell: 'local' })
    expect(await stage.runtime.list()).toEqual([])
  })
})
