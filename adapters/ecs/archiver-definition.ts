import type { ArchiveJob } from '../../core/ports/archiver.ts'
import { siteOwner } from '../efs/access-point-storage.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { placeOf } from '../ssm/cell-description.ts'
import type { TaskDefinition } from './task-definition.ts'

/** The only container of such a task, and its variable that says which try at its job the task is. */
export const archiverContainer = 'archiver'
export const attemptVariable = 'ATTEMPT'

/** Where the image expects the one data directory that it is to look after. */
const dataDirectory = '/data'

/** Half a processor packs some 50 MB/s; the archiver keeps to little memory whatever the size of the data. */
const size = { cpu: '512', memory: '1024' } as const

const volumes = { data: 'data', temporary: 'tmp' } as const

/**
 * The task that does one job: the archiver's image with the job in its environment, the job's role and, where the job has to
 * do with a data directory, the access point of that directory as its only volume. It runs as the site's own user, whose
 * files these are.
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
  { archiver, clusterArn, fileSystemId }: CellDescription,
): TaskDefinition => {
  const { uid, gid } = siteOwner(job.siteId)
  const { accessPointId } = task
  const environment = {
    JOB: JSON.stringify(job),
    [attemptVariable]: String(task.attempt),
    ARCHIVE_BUCKET: archiver.bucketArn.slice(archiver.bucketArn.lastIndexOf(':') + 1),
    DATA_DIRECTORY: dataDirectory,
    LOG_LEVEL: 'info',
  }
  return {
    family: task.family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    ...size,
    executionRoleArn: archiver.executionRoleArn,
    taskRoleArn: task.roleArn,
    containerDefinitions: [
      {
        name: archiverContainer,
        image: archiver.image,
        essential: true,
        user: `${uid}:${gid}`,
        readonlyRootFilesystem: true,
        linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        mountPoints: [
          ...(accessPointId === undefined ? [] : [{ sourceVolume: volumes.data, containerPath: dataDirectory }]),
          { sourceVolume: volumes.temporary, containerPath: '/tmp' },
        ],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': archiver.logGroup,
            'awslogs-region': placeOf(clusterArn).region,
            'awslogs-stream-prefix': job.siteId,
          },
        },
      },
    ],
    volumes: [
      ...(accessPointId === undefined
        ? []
        : [
            {
              name: volumes.data,
              efsVolumeConfiguration: {
                fileSystemId,
                transitEncryption: 'ENABLED' as const,
                authorizationConfig: { accessPointId, iam: 'ENABLED' as const },
              },
            },
          ]),
      { name: volumes.temporary },
    ],
  }
}
