import { createHash } from 'node:crypto'
import type { ECSClient } from '@aws-sdk/client-ecs'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Instant } from '../../core/instant.ts'
import {
  type ArchiveJob,
  type ArchiveJobState,
  type Archiver,
  type ArchiveStore,
  jobOutcomeKey,
} from '../../core/ports/archives.ts'
import type { StorageMeter } from '../../core/ports/runtime.ts'
import { type DataHome, homeName } from '../../core/site/location.ts'
import { type JobOutcome, readOutcome, writeOutcome } from '../archiver/archive-job.ts'
import { asking } from '../cells/aws-calls.ts'
import { contentAttribute, type Database, readContent } from '../dynamodb/item.ts'
import { storageReadingKey } from '../dynamodb/keys.ts'
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

const day = 86_400_000

/** In milliseconds: how long a day a site is measured. A task of the archiver starts and ends in less. */
const window = 20 * 60_000

/** Where in a day a site is measured, so that not all of them are at once. */
const startOf = (siteId: string): number => createHash('sha256').update(siteId).digest().readUInt32BE() % (day - window)

const jobOf = (home: DataHome, at: number): ArchiveJob => ({
  kind: 'measure',
  id: `measure-${homeName(home).replace('.', '-')}-${new Date(at).toISOString().slice(0, 10)}`,
  siteId: home.siteId,
  home,
})

/**
 * Measures each site once a day by a job of the archiver: only a site's own tasks see its disk, and EFS tells the size of the
 * whole file system alone. Repeats a day's result until that day's window ends.
 */
export const createArchiverMeter = (options: {
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'remove'>
  readonly wall: () => Instant
}): StorageMeter => ({
  measure: async (home) => {
    const { archiver, archives, wall } = options
    const now = Date.parse(wall())
    const sinceStart = (now % day) - startOf(home.siteId)
    if (sinceStart < 0 || sinceStart >= window) return undefined
    const outcome = await archiver.run(jobOf(home, now))
    if (outcome.state !== 'done') return undefined
    // Nobody asks for it again.
    await archives.remove(jobOutcomeKey(jobOf(home, now - day)))
    return outcome.bytes
  },
})

const readingSchema = z.strictObject({
  schemaVersion: z.literal(1),
  bytes: z.number().nonnegative(),
  generation: z.int().positive(),
  at: z.iso.datetime({ precision: 3 }),
})

/** Measures with another meter, and stores the result for those who cannot wait for it. */
export const rememberingMeter = (
  { measure }: StorageMeter,
  { client, tables, wall }: Database & { readonly wall: () => Instant },
): StorageMeter => ({
  measure: async (home) => {
    const bytes = await measure(home)
    if (bytes === undefined) return undefined
    const content = { schemaVersion: 1, bytes, generation: home.generation, at: wall() }
    const Item = { ...storageReadingKey(home.siteId), kind: 'storage-reading', [contentAttribute]: content }
    await client.send(new PutCommand({ TableName: tables.main, Item }))
    return bytes
  },
})

/** Returns the last stored measurement; undefined where there is none of this data directory. */
export const rememberedMeter = ({ client, tables }: Database): StorageMeter => ({
  measure: async ({ siteId, generation }) => {
    const found = await client.send(new GetCommand({ TableName: tables.main, Key: storageReadingKey(siteId) }))
    const reading = readContent(readingSchema, found.Item)
    return reading?.generation === generation ? reading.bytes : undefined
  },
})
