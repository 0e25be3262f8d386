import type { ECSClient, KeyValuePair, Task } from '@aws-sdk/client-ecs'
import { DescribeTaskDefinitionCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { ArchiveJob, ArchiveJobState, Archiver, ArchiveStore } from '../../core/ports/archives.ts'
import type { JobWatch } from '../../core/ports/job-waits.ts'
import type { DataHome } from '../../core/site/location.ts'
import { homeName } from '../../core/site/location.ts'
import type { JobOutcome } from '../archiver/archive-job.ts'
import { readOutcome, writeOutcome } from '../archiver/archive-job.ts'
import { asking, askingIfThere } from '../cells/aws-calls.ts'
import type { AccessPointStorage } from '../efs/access-point-storage.ts'
import type { ArchiverRoles } from '../iam/roles.ts'
import { jobName } from '../iam/roles.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import type { CellDirectory } from '../ssm/cell-directory.ts'
import { archiverContainer, archiverDefinition, attemptVariable } from './archiver-definition.ts'
import { createSiteTasks, everOf, runTask } from './site-tasks.ts'
import { createTaskDefinitions } from './task-definitions.ts'

const homeOfJob = (job: ArchiveJob): DataHome | undefined => ('home' in job ? job.home : undefined)

/** A job is aborted after so many tasks without an outcome. */
const mostAttempts = 3

/** In milliseconds: for so long ECS tells of a task that has stopped. */
const listedAfterEnd = 60 * 60_000

/**
 * Does each job in its own Fargate task, which can reach one data directory and one archive. Its role and task definition are
 * removed after it. Everything is named after the job, so any call may be repeated. The outcome is an object beside the
 * archive.
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
  const definitions = createTaskDefinitions({ ecs, installation })
  const tasks = createArchiverTasks({ ecs, cell })
  const exclusively = oneAtATime()
  /** Those whose things this process has seen go. */
  const cleared = new Set<string>()

  const familyOf = (job: ArchiveJob): string => archiverFamily(installation, job)

  const attempt = async (job: ArchiveJob, number: number): Promise<ArchiveJobState> => {
    const home = homeOfJob(job)
    const accessPoint = home === undefined ? undefined : await storage.accessPointOf(home)
    const definition = archiverDefinition(
      job,
      {
        family: familyOf(job),
        roleArn: await roles.ensure(job, accessPoint?.arn),
        attempt: number,
        accessPointId: accessPoint?.id,
      },
      cell,
    )
    const arn = await definitions.ensure(job.siteId, definition, contentDigest(definition))
    await tasks.run({ family: definition.family, definitionArn: arn, attempt: number, home })
    return { state: 'running' }
  }

  const giveUp = async (job: ArchiveJob): Promise<ArchiveJobState> => {
    const message = `${mostAttempts} tasks of ${job.id} ended without an outcome; the log of ${job.siteId} says more.`
    const failed = { state: 'failed', error: 'ArchivingFailed', message } as const
    await asking('note an outcome', () => writeOutcome(archives, job, failed))
    return failed
  }

  const outcomeOf = (job: ArchiveJob): Promise<JobOutcome | undefined> =>
    asking('look for an outcome', () => readOutcome(archives, job))

  /** Removes what the job has on AWS besides its outcome. */
  const clearAway = async (job: ArchiveJob): Promise<void> => {
    if (cleared.has(job.id)) return
    await definitions.removeAll(familyOf(job))
    await roles.remove(job)
    cleared.add(job.id)
  }

  const look = async (job: ArchiveJob): Promise<ArchiveJobState> => {
    const latest = await tasks.latestAttempt(familyOf(job))
    if (latest === undefined) {
      // An obsolete task that still writes to the directory is waited for.
      if (job.kind === 'release' && (await tasks.isInUse(job.home))) return { state: 'running' }
      return attempt(job, 1)
    }
    const state = await tasks.stateOf(familyOf(job), latest)
    if (state === 'alive') return { state: 'running' }
    const isLongAgo = Date.parse(wall()) - (latest.registeredAt?.getTime() ?? Number.POSITIVE_INFINITY) > listedAfterEnd
    // It was never started, or that is not known. The same call again makes no second task.
    if (state === 'unseen' && !isLongAgo) return attempt(job, latest.number)
    // It may have said what came of it since the first look.
    return (await outcomeOf(job)) ?? (latest.number < mostAttempts ? attempt(job, latest.number + 1) : giveUp(job))
  }

  return {
    run: (job) =>
      exclusively(job.siteId, async () => {
        const state = (await outcomeOf(job)) ?? (await look(job))
        if (state.state !== 'running') await clearAway(job)
        return state
      }),
  }
}

interface Attempt {
  /** Counts from 1. */
  readonly number: number
  readonly registeredAt: Date | undefined
}

const attemptIn = (variables: readonly KeyValuePair[]): number =>
  Number(variables.find(({ name }) => name === attemptVariable)?.value ?? 1)

const attemptOf = ({ overrides }: Task): number =>
  attemptIn(overrides?.containerOverrides?.flatMap(({ environment = [] }) => environment) ?? [])

/** ECS takes no dot in what a task was started by. */
const startedByOf = (home: DataHome): string => homeName(home).replace('.', '-')

/** The family of the task definitions of a job. */
const archiverFamily = (installation: string, job: ArchiveJob): string =>
  `${installation}-archiver-${jobName(job).replace('.', '-')}`

/** The tasks of jobs. Each job has a family of definitions of its own; each try at it is one task. */
const createArchiverTasks = ({
  ecs,
  cell: { clusterArn: cluster, subnets, archiver },
}: {
  readonly ecs: ECSClient
  readonly cell: CellDescription
}) => {
  const network = {
    awsvpcConfiguration: {
      subnets: [...subnets.none],
      securityGroups: [archiver.securityGroup],
      assignPublicIp: 'DISABLED' as const,
    },
  }

  const known = createSiteTasks({ ecs, cluster })

  const hasTasks = (which: { readonly family: string } | { readonly startedBy: string }): Promise<boolean> =>
    asking('look for tasks of the archiver', async () => {
      const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, ...which }))
      return taskArns.length > 0
    })

  return {
    latestAttempt: async (family: string): Promise<Attempt | undefined> => {
      const found = await askingIfThere('look at a task definition', () =>
        ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family })),
      )
      const { status, registeredAt, containerDefinitions = [] } = found?.taskDefinition ?? {}
      if (status !== 'ACTIVE') return undefined
      return { number: attemptIn(containerDefinitions.flatMap(({ environment = [] }) => environment)), registeredAt }
    },
    /** `unseen` where ECS lists no task of it: it was never started, or an hour has passed since it stopped. */
    stateOf: (family: string, { number }: Attempt): Promise<'alive' | 'stopped' | 'unseen'> =>
      asking('look for the task of a job', async () => {
        const tasks = await everOf(known, family)
        // One of an earlier try has the data open, too, until it has stopped.
        if (tasks.some(({ lastStatus }) => lastStatus !== 'STOPPED')) return 'alive'
        return tasks.some((task) => attemptOf(task) === number) ? 'stopped' : 'unseen'
      }),
    /** Starts the task of an attempt. However often and by whom it is asked, there is one. */
    run: async ({
      family,
      definitionArn,
      attempt,
      home,
    }: {
      readonly family: string
      readonly definitionArn: string
      readonly attempt: number
      readonly home: DataHome | undefined
    }): Promise<void> => {
      // Not on Spot: a site stands still while it is copied, and it takes minutes as a rule.
      await runTask(ecs, family, {
        cluster,
        taskDefinition: definitionArn,
        clientToken: `${contentDigest([family]).slice(0, 32)}-${attempt}`,
        ...(home === undefined ? {} : { startedBy: startedByOf(home) }),
        overrides: {
          containerOverrides: [
            { name: archiverContainer, environment: [{ name: attemptVariable, value: String(attempt) }] },
          ],
        },
        networkConfiguration: network,
      })
    },
    /** Whether a task has a data directory open. */
    isInUse: (home: DataHome): Promise<boolean> => hasTasks({ startedBy: startedByOf(home) }),
    /** Whether a task of a job runs. */
    isRunning: (family: string): Promise<boolean> => hasTasks({ family }),
  }
}

/** How jobs of the archiver are getting on, by their outcomes and by the tasks that ECS lists. */
export const createArchiverWatch = ({
  ecs,
  cells,
  cellOf,
  installation,
  archives,
}: {
  readonly ecs: ECSClient
  readonly cells: Pick<CellDirectory, 'describe'>
  /** The name of the cell that a site's record names. */
  readonly cellOf: (siteId: SiteId) => Promise<string | undefined>
  readonly installation: string
  readonly archives: Pick<ArchiveStore, 'open'>
}): JobWatch => ({
  stateOf: async (job) => {
    const outcome = await asking('look for an outcome', () => readOutcome(archives, job))
    if (outcome !== undefined) return 'ended'
    const name = await cellOf(job.siteId)
    if (name === undefined) throw new SitewrightError('RuntimeUnavailable', `${job.siteId} has no record.`)
    const tasks = createArchiverTasks({ ecs, cell: await cells.describe(name) })
    // A job on a data directory may wait for another one there.
    const isAtWork = await ('home' in job
      ? tasks.isInUse(job.home)
      : tasks.isRunning(archiverFamily(installation, job)))
    return isAtWork ? 'running' : 'lost'
  },
})

const taskSchema = z.object({ group: z.string() })

/**
 * The site whose data a task of the archiver looked after; undefined of other tasks.
 * @param detail of an "ECS Task State Change". The group of a task without a service is its family.
 */
export const siteOfArchiverTask = (detail: unknown): SiteId | undefined => {
  const group = taskSchema.safeParse(detail).data?.group
  const siteId = /^family:.+-archiver-(site_\w+)-\w+$/.exec(group ?? '')?.[1] ?? ''
  return isId('site', siteId) ? siteId : undefined
}
