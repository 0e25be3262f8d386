import type { ArchiveJob } from '../../core/ports/archives.ts'
import { siteOwner } from '../efs/access-point-storage.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { arnPartsOf } from '../ssm/cell-description.ts'
import type { TaskDefinition } from './task-definition.ts'
import { confinedTo, logsTo, mountsOf, taskSettings, volumesOf } from './task-parts.ts'

/** The only container of such a task, and its variable that says which try at its job the task is. */
export const archiverContainer = 'archiver'
export const attemptVariable = 'ATTEMPT'

/** Where the image expects the one data directory that it is to look after. */
const dataDirectory = '/data'

/** Half a processor packs some 50 MB/s; the archiver needs little memory whatever the size of the data. */
const size = { cpu: '512', memory: '1024' } as const

/**
 * The task of one job: the archiver's image, the job's role and, for a job on a data directory, the access point of that
 * directory. It runs as the site's own user, who owns the files.
 */
export const archiverDefinition = (
  job: ArchiveJob,
  task: {
    readonly family: string
    readonly roleArn: string
    /** Which try this is; counts from 1. */
    readonly attempt: number
    readonly accessPointId: string | undefined
  },
  cell: CellDescription,
): TaskDefinition => {
  const { archiver, fileSystemId } = cell
  const { accessPointId } = task
  const environment = {
    JOB: JSON.stringify(job),
    [attemptVariable]: String(task.attempt),
    ARCHIVE_BUCKET: archiver.bucketArn.slice(archiver.bucketArn.lastIndexOf(':') + 1),
    DATA_DIRECTORY: dataDirectory,
    LOG_LEVEL: 'info',
    // Fargate sets it too, which no documentation promises.
    AWS_REGION: arnPartsOf(cell.clusterArn).region,
  }
  return {
    family: task.family,
    ...taskSettings,
    ...size,
    executionRoleArn: archiver.executionRoleArn,
    taskRoleArn: task.roleArn,
    containerDefinitions: [
      {
        name: archiverContainer,
        image: archiver.image,
        ...confinedTo(siteOwner(job.siteId)),
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        mountPoints: mountsOf(accessPointId === undefined ? undefined : dataDirectory),
        logConfiguration: logsTo(archiver.logGroup, cell, job.siteId),
      },
    ],
    volumes: volumesOf(fileSystemId, accessPointId),
  }
}
