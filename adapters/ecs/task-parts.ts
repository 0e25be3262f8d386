import type { LogConfiguration, RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs'
import type { DataOwner } from '../../core/blueprint/blueprint.ts'
import { arnPartsOf, type CellDescription } from '../ssm/cell-description.ts'
import { pairs, type StoredSecrets } from './task-secrets.ts'

/** The parts of a site that are made before its task definition. */
export interface SiteSurroundings extends StoredSecrets {
  readonly family: string
  readonly owner: DataOwner
  readonly accessPointId: string
  readonly roleArn: string
}

export const environmentOf = (values: Readonly<Record<string, string>>) =>
  pairs(values).map(([name, value]) => ({ name, value }))

export const volumes = { data: 'data', temporary: 'tmp' } as const

/** The mounts of a container: `/tmp`, and the data directory where the task has one. */
export const mountsOf = (dataDirectory: string | undefined) => [
  ...(dataDirectory === undefined ? [] : [{ sourceVolume: volumes.data, containerPath: dataDirectory }]),
  { sourceVolume: volumes.temporary, containerPath: '/tmp' },
]

/** The volumes of a task: the data directory behind an access point, where it has one, and one for temporary files. */
export const volumesOf = (fileSystemId: string, accessPointId: string | undefined): Volume[] => {
  const temporary = { name: volumes.temporary }
  if (accessPointId === undefined) return [temporary]
  const authorizationConfig = { accessPointId, iam: 'ENABLED' } as const
  const efsVolumeConfiguration = { fileSystemId, transitEncryption: 'ENABLED', authorizationConfig } as const
  return [{ name: volumes.data, efsVolumeConfiguration }, temporary]
}

/** The settings that every task of ours has in common. */
export const taskSettings = {
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
} satisfies Partial<RegisterTaskDefinitionCommandInput>

/** Source: the Amazon ECS API Reference, `KernelCapabilities`. */
const fargateCapabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

/**
 * Runs a container as one user without any privilege, on a root file system that it cannot write to.
 * @param capabilities of a container that starts as root. Fargate adds none, so it loses all others.
 */
export const confinedTo = ({ uid, gid }: DataOwner, capabilities?: readonly string[]) => ({
  essential: true,
  user: capabilities === undefined ? `${uid}:${gid}` : '0:0',
  readonlyRootFilesystem: true,
  linuxParameters: {
    capabilities: {
      drop: capabilities === undefined ? ['ALL'] : fargateCapabilities.filter((one) => !capabilities.includes(one)),
    },
    initProcessEnabled: true,
  },
})

/** @param stream how the names of its streams begin. */
export const logsTo = (
  group: string,
  { clusterArn }: Pick<CellDescription, 'clusterArn'>,
  stream: string,
  more: Record<string, string> = {},
): LogConfiguration => ({
  logDriver: 'awslogs',
  options: {
    'awslogs-group': group,
    'awslogs-region': arnPartsOf(clusterArn).region,
    'awslogs-stream-prefix': stream,
    ...more,
  },
})
