import type { ECSClient } from '@aws-sdk/client-ecs'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'
import type { ArchiveStore } from '../../core/ports/archives.ts'
import type { JobWatch } from '../../core/ports/job-waits.ts'
import { readOutcome } from '../archiver/archive-job.ts'
import { asking } from '../cells/aws-calls.ts'
import type { CellDirectory } from '../ssm/cell-directory.ts'
import { archiverFamily, createArchiverTasks } from './fargate-archiver.ts'

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
