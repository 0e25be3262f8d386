import { DescribeTaskDefinitionCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs'
import { GetRoleCommand, GetRolePolicyCommand, ListRolesCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFargateArchiver } from '../../../adapters/ecs/fargate-archiver.ts'
import {
  type AccessPointStorage,
  createAccessPointStorage,
  siteOwner,
} from '../../../adapters/efs/access-point-storage.ts'
import { createArchiverRoles } from '../../../adapters/iam/roles.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import type { SiteId } from '../../../core/ids.ts'
import {
  type ArchiveJob,
  type Archiver,
  type ArchiveStore,
  type JobOutcome,
  writeOutcome,
} from '../../../core/ports/archives.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { firstHome } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

const { id } = createRandomness()

let aws: StartedAws
let cell: CellDescription
let archives: ArchiveStore
let storage: AccessPointStorage
let now = new Date().toISOString()
/** The tasks that run, in the order of their start. A task may start only after the test that asked for it. */
let running: { readonly siteId: string; readonly end: () => void }[] = []

/** A process on the cell, with nothing in its memory. */
const archiver = (): Archiver => {
  const { clients, installation } = aws
  return createFargateArchiver({
    ecs: clients.ecs,
    cell,
    installation,
    storage,
    roles: createArchiverRoles({ iam: clients.iam, cell, installation, path: `/${installation}/archiver/` }),
    archives,
    wall: () => now,
  })
}

beforeAll(async () => {
  aws = await startAws({
    run: async (containers) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const told = containers.flatMap(({ environment = [] }) => environment).findLast(({ name }) => name === 'JOB')
      running.push({ siteId: (JSON.parse(told!.value) as ArchiveJob).siteId, end: resolve })
      return { firstEnd: promise, stop: async () => resolve() }
    },
  })
  cell = await aws.makeCell('blue')
  const bucket = cell.archiver.bucketArn.split(':').at(-1)!
  archives = createArchiveBucket({ client: aws.clients.s3, bucket })
  storage = createAccessPointStorage({
    efs: aws.clients.efs,
    cell,
    installation: aws.installation,
    log: recordingLog(),
    pollMilliseconds: 10,
  })
})
afterAll(async () => {
  await aws?.close()
})

let number = 0
let job: ArchiveJob & { kind: 'copy' }
beforeEach(() => {
  now = new Date().toISOString()
  number += 1
  const home = firstHome()
  const { siteId } = home
  const blueprint = { name: 'probe', version: 1 }
  job = {
    kind: 'copy',
    id: `archive-site-${siteId}-7-${number}-copy`,
    siteId,
    home,
    archiveId: id('arc'),
    blueprint,
    at: now,
  }
})

const done = { state: 'done', bytes: 17, files: 3 } as const
const say = (outcome: JobOutcome) => writeOutcome(archives, job, outcome)

const tasks = () => aws.fargate.loneTasks().filter(({ startedBy }) => startedBy?.startsWith(job.siteId))
const isOfJob = ({ siteId }: { readonly siteId: string }): boolean => siteId === job.siteId
const started = () => waitFor(() => running.some(isOfJob))
const endTask = async (): Promise<void> => {
  await started()
  const task = running.find(isOfJob)!
  running = running.filter((one) => one !== task)
  task.end()
  await waitFor(async () => tasks().every(({ lastStatus }) => lastStatus === 'STOPPED') || undefined)
}

const rolesOfJobs = async () => {
  const { Roles = [] } = await aws.clients.iam.send(
    new ListRolesCommand({ PathPrefix: `/${aws.installation}/archiver/`, MaxItems: 1000 }),
  )
  return Roles.filter(({ RoleName = '' }) => RoleName.startsWith(job.siteId))
}
const definitionsOf = async (familyPrefix = `${aws.installation}-archiver-${job.siteId}-1`) =>
  (await aws.clients.ecs.send(new ListTaskDefinitionsCommand({ familyPrefix }))).taskDefinitionArns ?? []
const registered = () => aws.fargate.calls().filter((call) => call === 'ecs.RegisterTaskDefinition').length

describe('a job', () => {
  test('is done by one task, however often and by whom it is requested', async () => {
    const other = archiver()
    expect(await Promise.all([archiver().run(job), other.run(job), other.run(job)])).toEqual(
      Array.from({ length: 3 }, () => ({ state: 'running' })),
    )
    await started()
    expect(await archiver().run(job)).toEqual({ state: 'running' })
    expect(tasks()).toHaveLength(1)
  })

  test('is reported by its outcome, which outlives the task and its role', async () => {
    await archiver().run(job)
    await started()
    expect([(await rolesOfJobs()).length, (await definitionsOf()).length]).toEqual([1, 1])
    await say(done)
    expect(await archiver().run(job)).toEqual(done)
    expect(await rolesOfJobs()).toEqual([])
    expect(await archiver().run(job)).toEqual(done)
    expect(tasks()).toHaveLength(1)
  })

  test('that failed is not tried again', async () => {
    await archiver().run(job)
    const failed = { state: 'failed', error: 'ArchiveDamaged', message: 'a digest differs' } as const
    await say(failed)
    await endTask()
    expect(await archiver().run(job)).toEqual(failed)
    expect(tasks()).toHaveLength(1)
  })

  test('that was cut off without an outcome is started again, three times in all', async () => {
    for (const nth of [1, 2, 3]) {
      expect(await archiver().run(job)).toEqual({ state: 'running' })
      expect(tasks()).toHaveLength(nth)
      await endTask()
    }
    const given = { state: 'failed', error: 'ArchivingFailed', message: expect.stringContaining(job.id) }
    expect(await archiver().run(job)).toEqual(given)
    expect(await rolesOfJobs()).toEqual([])
    expect(await archiver().run(job)).toEqual(given)
    expect(tasks()).toHaveLength(3)
  })

  test('is not started twice where a task says what came of it and ends between two checks', async () => {
    await archiver().run(job)
    await started()
    const earlier = archives
    archives = {
      ...earlier,
      // The first check comes before the outcome.
      open: async (key) => {
        archives = earlier
        if (!running.some(isOfJob)) return earlier.open(key)
        await say(done)
        await endTask()
        return undefined
      },
    }
    expect(await archiver().run(job)).toEqual(done)
    expect(tasks()).toHaveLength(1)
  })

  test('that is to release a data directory waits for processes that still have it open', async () => {
    const restore: ArchiveJob = { ...job, kind: 'restore', id: `${job.id}-restore` }
    const { siteId, home } = job
    const release: ArchiveJob = { kind: 'release', id: `${job.id}-release`, siteId, home }
    await archiver().run(restore)
    expect(await archiver().run(release)).toEqual({ state: 'running' })
    expect(tasks()).toHaveLength(1)
    await endTask()
    expect(await archiver().run(release)).toEqual({ state: 'running' })
    expect(tasks()).toHaveLength(2)
    await started()
  })

  test('shares its definition with all jobs on its data directory, up to the release of that', async () => {
    const before = registered()
    const { siteId, home } = job
    const all: ArchiveJob[] = [
      job,
      { kind: 'measure', id: `${job.id}-measure`, siteId, home },
      { ...job, id: `${job.id}-2` },
    ]
    const release: ArchiveJob = { kind: 'release', id: `${job.id}-release`, siteId, home }
    for (const next of [...all, release]) {
      await archiver().run(next)
      expect(await definitionsOf()).toHaveLength(1)
      await writeOutcome(archives, next, done)
      await endTask()
      expect(await archiver().run(next)).toEqual(done)
    }
    expect(registered()).toBe(before + 1)
    expect(await definitionsOf()).toEqual([])
  })

  test('gets another definition for another access point, and the former one is retired', async () => {
    await archiver().run(job)
    const [former] = await definitionsOf()
    await endTask()
    await storage.remove(job.home)
    await archiver().run({ ...job, id: `${job.id}-2` })
    const [next, ...others] = await definitionsOf()
    expect([next === former, others]).toEqual([false, []])
  })

  test('on an archive alone shares its definition with those of other sites', async () => {
    const verifyOf = (siteId: SiteId): ArchiveJob => ({
      kind: 'verify',
      id: `${siteId}-${number}`,
      siteId,
      cell: 'local',
      archiveId: id('arc'),
    })
    const sites = Array.from({ length: 40 }, () => id('site'))
    const before = registered()
    for (const siteId of sites) await archiver().run(verifyOf(siteId))
    expect(registered() - before).toBeLessThanOrEqual(16)
    expect(registered() - before).toBeGreaterThan(1)
    await waitFor(() => sites.every((siteId) => running.some((task) => task.siteId === siteId)))
  })

  test('whose task ended so long ago that ECS has forgotten it is started again', async () => {
    await archiver().run(job)
    await endTask()
    aws.fargate.forgetStoppedTasks()
    expect(await archiver().run(job)).toEqual({ state: 'running' })
    expect(tasks()).toHaveLength(0)
    now = new Date(Date.now() + 2 * 3_600_000).toISOString()
    expect(await archiver().run(job)).toEqual({ state: 'running' })
    expect(tasks()).toHaveLength(1)
  })
})

describe('the task of a job', () => {
  const definition = async (taskDefinition = `${aws.installation}-archiver-${job.siteId}-1`) =>
    (await aws.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition!

  test('has one data directory, its own role, and runs as the user whose files these are', async () => {
    await archiver().run(job)
    const point = await storage.accessPointOf(job.home)
    const { uid, gid } = siteOwner(job.siteId)
    const [role] = await rolesOfJobs()
    const given = [{ name: 'JOB', value: JSON.stringify(job) }]
    expect(tasks().map(({ overrides }) => overrides)).toMatchObject([
      { taskRoleArn: role!.Arn, containerOverrides: [{ environment: expect.arrayContaining(given) }] },
    ])
    const found = await definition()
    expect(found.taskRoleArn).toBeUndefined()
    expect(found).toMatchObject({
      executionRoleArn: cell.archiver.executionRoleArn,
      containerDefinitions: [{ image: cell.archiver.image, user: `${uid}:${gid}`, readonlyRootFilesystem: true }],
      volumes: expect.arrayContaining([
        expect.objectContaining({
          efsVolumeConfiguration: expect.objectContaining({
            fileSystemId: cell.fileSystemId,
            transitEncryption: 'ENABLED',
            authorizationConfig: { accessPointId: point.id, iam: 'ENABLED' },
          }),
        }),
      ]),
    })
  })

  test('mounts no data directory when it reads an archive back', async () => {
    const { siteId, archiveId } = job
    const verify = { kind: 'verify', id: `${job.id}-verify`, siteId, cell: 'local', archiveId } as const
    await archiver().run(verify)
    const found = await definition(tasks()[0]!.taskDefinitionArn)
    expect(found.volumes).toMatchObject([{ name: 'tmp' }])
    expect(found.taskRoleArn).toBeUndefined()
    expect(found.containerDefinitions).toMatchObject([{ user: '65534:65534' }])
  })

  test('has a role under the boundary, tagged with its site, that names what this job needs', async () => {
    await archiver().run(job)
    const [{ RoleName } = {}] = await rolesOfJobs()
    const { Role } = await aws.clients.iam.send(new GetRoleCommand({ RoleName }))
    expect(Role).toMatchObject({
      PermissionsBoundary: { PermissionsBoundaryArn: cell.archiver.permissionsBoundaryArn },
      Tags: expect.arrayContaining([{ Key: 'sitewright:site', Value: job.siteId }]),
    })
    const written = await aws.clients.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'one-job' }))
    const policy = decodeURIComponent(written.PolicyDocument!)
    expect(policy).toContain((await storage.accessPointOf(job.home)).arn)
    expect(policy).toContain(`${job.siteId}/${job.archiveId}.tar.zst`)
    expect(policy).not.toContain('ClientWrite')
  })
})
