import type { ECSClient } from '@aws-sdk/client-ecs'
import type { Instant } from '../../core/instant.ts'
import type { ArchiveJob, ArchiveJobState, Archiver, ArchiveStore } from '../../core/ports/archives.ts'
import { type JobOutcome, readOutcome, writeOutcome } from '../archiver/archive-job.ts'
import { asking } from '../cells/aws-calls.ts'
import type { AccessPointStorage } from '../efs/access-point-storage.ts'
import type { ArchiverRoles, Attempt } from '../iam/roles.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { archiverDefinition, archiverFamily, createArchiverTasks } from './archiver-tasks.ts'
import { createTaskDefinitions } from './task-definitions.ts'

/** A job is aborted after so many tasks without an outcome. */
const mostAttempts = 3

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
    const home = 'home' in job ? job.home : undefined
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
    const message = `${mostAttempts} tasks of ${job.id} ended without an outcome; the log of the archiver says more of ${job.siteId}.`
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

  const look = async (job: ArchiveJob): Promise<ArchiveJobState> => {
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
    // It may have said what came of it since the first look.
    return (
      (await outcomeOf(job)) ??
      (latest.number < mostAttempts ? attempt(job, { number: latest.number + 1 }) : giveUp(job))
    )
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
