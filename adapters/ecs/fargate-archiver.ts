import { type ECSClient, ListTasksCommand, type Task } from '@aws-sdk/client-ecs'
import * as z from 'zod'
import { isId, type SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import {
  type ArchiveJob,
  type ArchiveJobState,
  type Archiver,
  type ArchiveStore,
  type JobOutcome,
  placeOfJob,
  readOutcome,
  writeOutcome,
} from '../../core/ports/archives.ts'
import { type DataHome, homeName } from '../../core/site/location.ts'
import type { JobWatch } from '../../lambdas/endings/copy/run-archive-job.ts'
import { asking } from '../cells/aws-calls.ts'
import { type AccessPointStorage, siteOwner } from '../efs/access-point-storage.ts'
import { type ArchiverRoles, type Attempt, jobName } from '../iam/roles.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'
import { arnPartsOf, type CellDescription } from '../ssm/cell-description.ts'
import type { CellDirectory } from '../ssm/cell-directory.ts'
import { createSiteTasks, everOf, runTask } from './site-tasks.ts'
import type { TaskDefinition } from './task-definition.ts'
import { createTaskDefinitions } from './task-definitions.ts'
import { confinedTo, environmentOf, logsTo, mountsOf, taskSettings, volumesOf } from './task-parts.ts'

const archiverContainer = 'archiver'
const jobVariable = 'JOB'
const attemptVariable = 'ATTEMPT'

/** Where the image expects the one data directory that it is to look after. */
const dataDirectory = '/data'

/** Half a processor packs some 50 MB/s; the archiver needs little memory whatever the size of the data. */
const size = { cpu: '512', memory: '1024' } as const

/** Who reads archives alone. No data directory is this user's. */
const nobody = { uid: 65_534, gid: 65_534 }

/**
 * The task of all jobs on one data directory: the archiver's image and the access point of that directory. It runs as the site's own
 * user, who owns the files. A task of jobs on archives alone has no directory. The job and its role are said when a task is run: without
 * them, a task may do nothing.
 */
export const archiverDefinition = (
  family: string,
  data: { readonly home: DataHome; readonly accessPointId: string } | undefined,
  cell: CellDescription,
): TaskDefinition => {
  const { archiver, fileSystemId } = cell
  const siteId = data?.home.siteId
  return {
    family,
    ...taskSettings,
    ...size,
    executionRoleArn: archiver.executionRoleArn,
    containerDefinitions: [
      {
        name: archiverContainer,
        image: archiver.image,
        ...confinedTo(siteId === undefined ? nobody : siteOwner(siteId)),
        environment: environmentOf({
          ARCHIVE_BUCKET: archiver.bucketArn.slice(archiver.bucketArn.lastIndexOf(':') + 1),
          DATA_DIRECTORY: dataDirectory,
          LOG_LEVEL: 'info',
          // Fargate sets it too, which no documentation promises.
          AWS_REGION: arnPartsOf(cell.clusterArn).region,
        }),
        mountPoints: mountsOf(data === undefined ? undefined : dataDirectory),
        logConfiguration: logsTo(archiver.logGroup, cell, siteId ?? 'archives'),
      },
    ],
    volumes: volumesOf(fileSystemId, data?.accessPointId),
  }
}

const homeOfJob = (job: ArchiveJob): DataHome | undefined => ('home' in job ? job.home : undefined)

/** Which try at a job a task is; undefined if it does another one. */
const tryOf = (job: ArchiveJob, { overrides }: Task): number | undefined => {
  const variables = overrides?.containerOverrides?.flatMap(({ environment = [] }) => environment) ?? []
  const tell = (wanted: string) => variables.find(({ name }) => name === wanted)?.value
  return tell(jobVariable) === JSON.stringify(job) ? Number(tell(attemptVariable)) : undefined
}

/** What a task was started by: its data directory, or a job on archives alone. ECS takes no dot in it. */
const startedByOf = (job: ArchiveJob): string => {
  const home = homeOfJob(job)
  return (home === undefined ? jobName(job) : homeName(home)).replace('.', '-')
}

/**
 * The family of a job's task definition: one for each data directory. Jobs on archives alone share some in each cell, so that a list of the
 * tasks of one family stays short.
 */
const archiverFamily = (installation: string, { name }: CellDescription, job: ArchiveJob): string => {
  const home = homeOfJob(job)
  const which =
    home === undefined ? `cell_${name}-${contentDigest([job.siteId])[0]}` : `${home.siteId}-${home.generation}`
  return `${installation}-archiver-${which}`
}

/** The tasks of jobs. Each try at a job is one task. */
const createArchiverTasks = (ecs: ECSClient, { clusterArn: cluster, subnets, archiver }: CellDescription) => {
  const known = createSiteTasks({ ecs, cluster })
  return {
    /** `unseen` where ECS lists no task of it: it was never started, or an hour has passed since it stopped. */
    stateOf: (family: string, job: ArchiveJob, attempt: number): Promise<'alive' | 'stopped' | 'unseen'> =>
      asking('look for the task of a job', async () => {
        const tasks = (await everOf(known, family)).filter((task) => tryOf(job, task) !== undefined)
        // One of an earlier try has the data open, too, until it has stopped.
        if (tasks.some(({ lastStatus }) => lastStatus !== 'STOPPED')) return 'alive'
        return tasks.some((task) => tryOf(job, task) === attempt) ? 'stopped' : 'unseen'
      }),
    /** Starts the task of an attempt. However often and by whom it is asked, there is one. */
    run: async (
      job: ArchiveJob,
      given: { readonly taskDefinition: string; readonly roleArn: string; readonly attempt: number },
    ): Promise<void> => {
      const { taskDefinition, roleArn: taskRoleArn, attempt } = given
      const name = jobName(job)
      const environment = environmentOf({ [jobVariable]: JSON.stringify(job), [attemptVariable]: String(attempt) })
      // Not on Spot: a site stands still while it is copied, and it takes minutes as a rule.
      await runTask(ecs, name, {
        cluster,
        taskDefinition,
        clientToken: `${contentDigest([name]).slice(0, 32)}-${attempt}`,
        startedBy: startedByOf(job),
        overrides: { taskRoleArn, containerOverrides: [{ name: archiverContainer, environment }] },
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...subnets.none],
            securityGroups: [archiver.securityGroup],
            assignPublicIp: 'DISABLED',
          },
        },
      })
    },
    /** Whether a task runs that has the job's data directory open, or that does this job on archives alone. */
    isAtWork: (job: ArchiveJob): Promise<boolean> =>
      asking('look for tasks of the archiver', async () => {
        const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, startedBy: startedByOf(job) }))
        return taskArns.length > 0
      }),
  }
}

/** A job is aborted after so many tasks without an outcome. */
const maxAttempts = 3

/** In milliseconds: for so long ECS tells of a task that has stopped. */
const listedAfterEnd = 60 * 60_000

/**
 * Does each job in its own Fargate task, which can reach one data directory and one archive. Its role is removed after it; its task
 * definition serves all jobs on that directory, and goes when this is released or its site is taken down. Everything is named after the
 * job or the directory, so any call may be repeated. The outcome is an object beside the archive.
 */
export const createFargateArchiver = (options: {
  readonly ecs: ECSClient
  readonly cell: CellDescription
  readonly installation: string
  readonly storage: Pick<AccessPointStorage, 'accessPointOf'>
  readonly roles: ArchiverRoles
  /** Where outcomes are. */
  readonly archives: ArchiveStore
  readonly wall: () => Instant
}): Archiver => {
  const { ecs, cell, installation, storage, roles, archives, wall } = options
  const definitions = createTaskDefinitions(ecs, installation)
  const tasks = createArchiverTasks(ecs, cell)
  const exclusively = oneAtATime()
  /** Those whose things this process has seen go. */
  const cleared = new Set<string>()

  const familyOf = (job: ArchiveJob): string => archiverFamily(installation, cell, job)

  const attempt = async (
    job: ArchiveJob,
    { number, begunAt = wall() }: Pick<Attempt, 'number'> & Partial<Attempt>,
  ): Promise<ArchiveJobState> => {
    const home = homeOfJob(job)
    const accessPoint = home === undefined ? undefined : await storage.accessPointOf(home)
    const family = familyOf(job)
    const data = home === undefined || accessPoint === undefined ? undefined : { home, accessPointId: accessPoint.id }
    const definition = archiverDefinition(family, data, cell)
    const digest = contentDigest(definition)
    const roleArn = await roles.ensure(job, accessPoint?.arn, { number, begunAt })
    const known = await definitions.findLatest(family, digest)
    const taskDefinition = known ?? (await definitions.ensure(home?.siteId, definition, digest))
    await tasks.run(job, { taskDefinition, roleArn, attempt: number })
    if (known === undefined) await definitions.retireOthers(family, [taskDefinition])
    return { state: 'running' }
  }

  const giveUp = async (job: ArchiveJob): Promise<ArchiveJobState> => {
    const message = `${maxAttempts} tasks of ${job.id} ended without an outcome; the log of the archiver says more of ${job.siteId}.`
    const failed = { state: 'failed', error: 'ArchivingFailed', message } as const
    await asking('note an outcome', () => writeOutcome(archives, job, failed))
    return failed
  }

  const outcomeOf = (job: ArchiveJob): Promise<JobOutcome | undefined> =>
    asking('look for an outcome', () => readOutcome(archives, job))

  /** Removes what the job has on AWS besides its outcome, and after the last one on a data directory its definition. */
  const clearAway = async (job: ArchiveJob): Promise<void> => {
    if (cleared.has(job.id)) return
    if (job.kind === 'release') await definitions.removeAll(familyOf(job))
    await roles.remove(job)
    cleared.add(job.id)
  }

  const check = async (job: ArchiveJob): Promise<ArchiveJobState> => {
    const latest = await roles.attemptAt(job)
    if (latest === undefined) {
      // An obsolete task that still writes to the directory is waited for.
      if (job.kind === 'release' && (await tasks.isAtWork(job))) return { state: 'running' }
      return attempt(job, { number: 1 })
    }
    const state = await tasks.stateOf(familyOf(job), job, latest.number)
    if (state === 'alive') return { state: 'running' }
    const isLongAgo = Date.parse(wall()) - Date.parse(latest.begunAt) > listedAfterEnd
    // It was never started, or that is not known. The same call again makes no second task.
    if (state === 'unseen' && !isLongAgo) return attempt(job, latest)
    // It may have said what came of it since the first check.
    return (
      (await outcomeOf(job)) ??
      (latest.number < maxAttempts ? attempt(job, { number: latest.number + 1 }) : giveUp(job))
    )
  }

  return {
    run: (job) =>
      exclusively(job.siteId, async () => {
        const state = (await outcomeOf(job)) ?? (await check(job))
        if (state.state !== 'running') await clearAway(job)
        return state
      }),
  }
}

/** How jobs of the archiver are getting on, by their outcomes and by the tasks that ECS lists. */
export const createArchiverWatch = (options: {
  readonly ecs: ECSClient
  readonly cells: Pick<CellDirectory, 'describe'>
  readonly archives: Pick<ArchiveStore, 'open'>
}): JobWatch => ({
  stateOf: async (job) => {
    const outcome = await asking('look for an outcome', () => readOutcome(options.archives, job))
    if (outcome !== undefined) return 'ended'
    const tasks = createArchiverTasks(options.ecs, await options.cells.describe(placeOfJob(job).cell))
    // A job on a data directory may wait for another one there.
    return (await tasks.isAtWork(job)) ? 'running' : 'lost'
  },
})

const taskSchema = z.object({ group: z.string().regex(/^family:.+-archiver-/), startedBy: z.string() })

/**
 * The site whose data a task of the archiver looked after; undefined of other tasks.
 * @param detail of an "ECS Task State Change". The group of a task without a service is its family.
 */
export const siteOfArchiverTask = (detail: unknown): SiteId | undefined => {
  const siteId = taskSchema.safeParse(detail).data?.startedBy.split('-')[0] ?? ''
  return isId('site', siteId) ? siteId : undefined
}
