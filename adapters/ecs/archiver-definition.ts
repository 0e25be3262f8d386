import type { KeyValuePair } from '@aws-sdk/client-ecs'
import type { ArchiveJob } from '../../core/ports/archives.ts'
import type { DataHome } from '../../core/site/location.ts'
import { siteOwner } from '../efs/access-point-storage.ts'
import { arnPartsOf, type CellDescription } from '../ssm/cell-description.ts'
import type { TaskDefinition } from './task-definition.ts'
import { confinedTo, environmentOf, logsTo, mountsOf, taskSettings, volumesOf } from './task-parts.ts'

/** The only container of such a task. */
export const archiverContainer = 'archiver'
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

/** What a task is told when it is run: its job, and which try at it this is. */
export const variablesOfTry = (job: ArchiveJob, attempt: number): KeyValuePair[] =>
  environmentOf({ [jobVariable]: JSON.stringify(job), [attemptVariable]: String(attempt) })

/** Which try at a job a task is; undefined if it does another one. */
export const tryIn = (job: ArchiveJob, variables: readonly KeyValuePair[]): number | undefined => {
  const told = (wanted: string) => variables.find(({ name }) => name === wanted)?.value
  return told(jobVariable) === JSON.stringify(job) ? Number(told(attemptVariable)) : undefined
}
