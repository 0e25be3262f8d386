import type {
  ContainerDefinition,
  ContainerDependency,
  LogConfiguration,
  RegisterTaskDefinitionCommandInput,
  Volume,
} from '@aws-sdk/client-ecs'
import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import type { Place } from '../../core/blueprint/interpolate.ts'
import { filesDirectory } from '../../core/blueprint/interpolate.ts'
import { isAwaited, startsAfter } from '../../core/blueprint/start-order.ts'
import { fargateSizeProblem } from '../../core/config/fargate-size.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Size } from '../../core/plan/plan.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerCommand, containerPlace, openEnvironment, openFiles } from '../site-runtime/container-texts.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { arnPartsOf } from '../ssm/cell-description.ts'
import type { StoredSecrets } from './task-secrets.ts'
import { pairs, secretsOf } from './task-secrets.ts'

/** A launch as a Fargate task; without tags, which name the site and not what runs. */
export type TaskDefinition = Omit<RegisterTaskDefinitionCommandInput, 'tags'> & { readonly family: string }

/** The parts of a site that are made before its task definition. */
export interface SiteSurroundings extends StoredSecrets {
  readonly family: string
  readonly owner: { readonly uid: number; readonly gid: number }
  readonly accessPointId: string
  readonly roleArn: string
}

/** In the archiver's image; cloud/site-helper.ts. */
const helperCommand = ['node', '/app/site-helper/index.mjs'] as const

/** The helper's image makes this path writable for everybody. */
const helperDirectory = '/tmp'

const cpuUnitsPerCore = 1024

/** CPU units, and MiB, as a task definition has them. */
export const taskSizeOf = ({ cpu, memoryMiB }: Size): { readonly cpu: string; readonly memory: string } => ({
  cpu: String(cpu * cpuUnitsPerCore),
  memory: String(memoryMiB),
})

const isPinned = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image)

const requireRunnable = ({ blueprint, size }: Launch): void => {
  const unpinned = blueprint.containers.find(({ image }) => !isPinned(image))
  const what = `Blueprint '${blueprint.name}' version ${blueprint.version}`
  if (unpinned !== undefined) {
    throw new SitewrightError(
      'LaunchFailed',
      `${what} names the image ${unpinned.image} without its digest: publish it with <image>@sha256:<digest>.`,
    )
  }
  const problem = fargateSizeProblem(size)
  if (problem !== undefined) {
    throw new SitewrightError('LaunchFailed', `${what} cannot run in this plan's size: ${problem}.`)
  }
}

/** Taken off the site's size: CPU units and MiB. */
const forwarderSize = { cpu: 32, memory: 96 } as const

/** Whether visitors come in by a port on which the product does not listen. */
const isForwarded = ({ traffic }: Blueprint, { port }: SiteSurroundings): boolean =>
  traffic.port !== undefined && traffic.port !== port

/** Its part of the site's size. */
const sizeOf = ({ share }: BlueprintContainer, { size, blueprint }: Launch, hasForwarder: boolean) => {
  const part = share / blueprint.containers.reduce((sum, container) => sum + container.share, 0)
  const taken = hasForwarder ? forwarderSize : { cpu: 0, memory: 0 }
  return {
    cpu: Math.floor((size.cpu * cpuUnitsPerCore - taken.cpu) * part),
    memory: Math.floor((size.memoryMiB - taken.memory) * part),
  }
}

/** Soft and hard alike. */
const limit = (name: 'nofile' | 'nproc', value: number) => ({ name, softLimit: value, hardLimit: value })

const environmentOf = (values: Readonly<Record<string, string>>) =>
  pairs(values).map(([name, value]) => ({ name, value }))

const volumes = { data: 'data', temporary: 'tmp' } as const

/** A blueprint's containers have no underscore in their names. */
const filesOf = ({ name }: BlueprintContainer): string => `${name}_files`

/** Like `/tmp`, they have the mode that the image gives them by `VOLUME`. */
const scratchOf = ({ name, writable = [] }: BlueprintContainer) =>
  writable.map((containerPath, index) => ({ sourceVolume: `${name}_writable_${index}`, containerPath }))

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
export const confinedTo = ({ uid, gid }: SiteSurroundings['owner'], capabilities?: readonly string[]) => ({
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

export const logsTo = (
  group: string,
  { clusterArn }: Pick<CellDescription, 'clusterArn'>,
  siteId: SiteId,
  more: Record<string, string> = {},
): LogConfiguration => ({
  logDriver: 'awslogs',
  options: {
    'awslogs-group': group,
    'awslogs-region': arnPartsOf(clusterArn).region,
    'awslogs-stream-prefix': siteId,
    ...more,
  },
})

const conditionOf = ({ containers }: Blueprint, name: string): 'HEALTHY' | 'START' =>
  containers.some((container) => container.name === name && container.health !== undefined) ? 'HEALTHY' : 'START'

/** The longest that ECS takes, in seconds. */
const longestStartPeriod = 300

const healthCheckOf = (container: BlueprintContainer, launch: Launch, place: Place) => {
  if (container.health === undefined || !isAwaited(launch.blueprint, container)) return {}
  const command = ['CMD', ...containerCommand(container.health.command, container, launch, place)]
  const startPeriod = Math.min(longestStartPeriod, launch.blueprint.traffic.startSeconds)
  return { healthCheck: { command, interval: 5, timeout: 5, retries: 10, startPeriod } }
}

/**
 * Fargate takes neither a tmpfs nor `no-new-privileges`. There `/tmp` is a volume of the task, which has the owner and mode
 * that the image gives it by `VOLUME /tmp`; without that only root may write to it. The limit of processes counts by user, and
 * a task is alone in its machine. Source: the Amazon ECS Developer Guide, "Fargate task definition differences" and "Use bind
 * mounts".
 */
const containerOf = (
  container: BlueprintContainer,
  launch: Launch,
  site: SiteSurroundings,
  cell: CellDescription,
): ContainerDefinition => {
  const { traffic, data } = launch.blueprint
  const isTraffic = container.name === traffic.container
  const hasForwarder = isForwarded(launch.blueprint, site)
  const place = containerPlace(launch.blueprint, site.port)
  const dependsOn: ContainerDependency[] = [
    ...startsAfter(launch.blueprint, container).map((containerName) => ({
      containerName,
      condition: conditionOf(launch.blueprint, containerName),
    })),
    ...(container.files === undefined ? [] : [{ containerName: filesOf(container), condition: 'SUCCESS' } as const]),
  ]
  return {
    name: container.name,
    image: container.image,
    ...(container.command === undefined
      ? {}
      : { command: [...containerCommand(container.command, container, launch, place)] }),
    ...sizeOf(container, launch, hasForwarder),
    // Where one container ends, the task does, and a new one takes its place.
    ...confinedTo(site.owner, container.capabilities),
    ...(isTraffic && !hasForwarder ? { portMappings: [{ containerPort: site.port, protocol: 'tcp' }] } : {}),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...healthCheckOf(container, launch, place),
    ulimits: [limit('nofile', 8192), limit('nproc', launch.size.processes)],
    environment: environmentOf(openEnvironment(container, launch, place)),
    secrets: secretsOf(container, launch, site),
    mountPoints: [
      ...mountsOf(data.directory),
      ...scratchOf(container),
      ...(container.files === undefined
        ? []
        : [{ sourceVolume: filesOf(container), containerPath: filesDirectory, readOnly: true }]),
    ],
    // Logs that cannot be delivered are dropped. They never hold the site up.
    logConfiguration: logsTo(cell.logGroup, cell, launch.siteId, { mode: 'non-blocking', 'max-buffer-size': '4m' }),
  }
}

/** Writes the files of a container before it starts. It gets secrets by reference, like the container. */
const fileWriterOf = (
  container: BlueprintContainer,
  launch: Launch,
  site: SiteSurroundings,
  cell: CellDescription,
): ContainerDefinition => ({
  name: filesOf(container),
  image: cell.archiver.image,
  command: [...helperCommand, 'files'],
  ...confinedTo(site.owner),
  essential: false,
  environment: environmentOf({
    FILES: JSON.stringify(openFiles(container, launch, containerPlace(launch.blueprint, site.port))),
    FILES_TO: helperDirectory,
  }),
  secrets: pairs(site.parameters)
    .filter(([name]) => container.secrets.includes(name))
    .map(([name, valueFrom]) => ({ name: `SECRET_${name}`, valueFrom })),
  mountPoints: [{ sourceVolume: filesOf(container), containerPath: helperDirectory }],
  logConfiguration: logsTo(cell.logGroup, cell, launch.siteId),
})

/** Listens on the site's own port, the only one that security groups admit, and forwards to the port of the product. */
const forwarderOf = (
  { blueprint, siteId }: Launch,
  site: SiteSurroundings,
  cell: CellDescription,
): ContainerDefinition => ({
  name: 'site_port',
  image: cell.archiver.image,
  command: [...helperCommand, 'port'],
  ...forwarderSize,
  ...confinedTo(site.owner),
  dependsOn: [{ containerName: blueprint.traffic.container, condition: 'START' }],
  portMappings: [{ containerPort: site.port, protocol: 'tcp' }],
  environment: environmentOf({ PORT: String(site.port), FORWARD_TO: String(blueprint.traffic.port) }),
  logConfiguration: logsTo(cell.logGroup, cell, siteId),
})

/** @throws {SitewrightError} `LaunchFailed` where an image has no digest, or Fargate does not offer the size. */
export const taskDefinitionOf = (launch: Launch, site: SiteSurroundings, cell: CellDescription): TaskDefinition => {
  requireRunnable(launch)
  const { containers } = launch.blueprint
  const withFiles = containers.filter(({ files }) => files !== undefined)
  return {
    family: site.family,
    ...taskSettings,
    ...taskSizeOf(launch.size),
    executionRoleArn: cell.executionRoleArn,
    taskRoleArn: site.roleArn,
    containerDefinitions: [
      ...withFiles.map((container) => fileWriterOf(container, launch, site, cell)),
      ...containers.map((container) => containerOf(container, launch, site, cell)),
      ...(isForwarded(launch.blueprint, site) ? [forwarderOf(launch, site, cell)] : []),
    ],
    volumes: [
      ...volumesOf(cell.fileSystemId, site.accessPointId),
      ...withFiles.map((container) => ({ name: filesOf(container) })),
      ...containers.flatMap(scratchOf).map(({ sourceVolume }) => ({ name: sourceVolume })),
    ],
  }
}
