import type { ContainerDefinition, ContainerDependency, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import { filesDirectory, type Place } from '../../core/blueprint/interpolate.ts'
import { isAwaited, startsAfter } from '../../core/blueprint/start-order.ts'
import { fargateSizeProblem } from '../../core/config/fargate-size.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Size } from '../../core/plan/plan.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerCommand, containerPlace, openEnvironment } from '../site-runtime/container-texts.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import {
  filesOf,
  fileWriterOf,
  forwarderOf,
  helperSizeOf,
  helperVolumesOf,
  isForwarded,
  leaseDependencies,
  leaseHoldersOf,
  stopTimeoutOf,
} from './helper-containers.ts'
import {
  confinedTo,
  environmentOf,
  logsTo,
  mountsOf,
  type SiteSurroundings,
  secretsOf,
  taskSettings,
  volumesOf,
} from './task-parts.ts'

/** A launch as a Fargate task; without tags, which name the site and not what runs. */
export type TaskDefinition = Omit<RegisterTaskDefinitionCommandInput, 'tags'> & { readonly family: string }

const cpuUnitsPerCore = 1024

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

const sizeOf = ({ share }: BlueprintContainer, { size, blueprint }: Launch, site: SiteSurroundings) => {
  const part = share / blueprint.containers.reduce((sum, container) => sum + container.share, 0)
  const taken = helperSizeOf(blueprint, site)
  return {
    cpu: Math.floor((size.cpu * cpuUnitsPerCore - taken.cpu) * part),
    memory: Math.floor((size.memoryMiB - taken.memory) * part),
  }
}

const limit = (name: 'nofile' | 'nproc', value: number) => ({ name, softLimit: value, hardLimit: value })

/** Like `/tmp`, they have the mode that the image gives them by `VOLUME`. */
const scratchOf = ({ name, writable = [] }: BlueprintContainer) =>
  writable.map((containerPath, index) => ({ sourceVolume: `${name}_writable_${index}`, containerPath }))

const conditionOf = ({ containers }: Blueprint, name: string): 'HEALTHY' | 'START' =>
  containers.some((container) => container.name === name && container.health !== undefined) ? 'HEALTHY' : 'START'

/** Logs that cannot be delivered are dropped. They never hold the site up. */
const dropping = { mode: 'non-blocking', 'max-buffer-size': '4m' }

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
  const stopTimeout = stopTimeoutOf(launch.blueprint)
  const dependsOn: ContainerDependency[] = [
    ...startsAfter(launch.blueprint, container).map((containerName) => ({
      containerName,
      condition: conditionOf(launch.blueprint, containerName),
    })),
    ...(container.files === undefined ? [] : [{ containerName: filesOf(container), condition: 'SUCCESS' } as const]),
    ...leaseDependencies(launch.blueprint),
  ]
  return {
    name: container.name,
    image: container.image,
    ...(container.command === undefined
      ? {}
      : { command: [...containerCommand(container.command, container, launch, place)] }),
    ...sizeOf(container, launch, site),
    // Where one container ends, the task does, and a new one takes its place.
    ...confinedTo(site.owner, container.capabilities),
    ...(isTraffic && !hasForwarder ? { portMappings: [{ containerPort: site.port, protocol: 'tcp' }] } : {}),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...healthCheckOf(container, launch, place),
    ...(stopTimeout === undefined ? {} : { stopTimeout }),
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
    // Without it, Fargate keeps no output.
    ...(!site.hidesOutput && { logConfiguration: logsTo(cell.logGroup, cell, launch.siteId, dropping) }),
  }
}

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
      ...leaseHoldersOf(launch, site, cell),
      ...withFiles.map((container) => fileWriterOf(container, launch, site, cell)),
      ...containers.map((container) => containerOf(container, launch, site, cell)),
      ...(isForwarded(launch.blueprint, site) ? [forwarderOf(launch, site, cell)] : []),
    ],
    volumes: [
      ...volumesOf(cell.fileSystemId, site.accessPointId),
      ...helperVolumesOf(launch.blueprint),
      ...containers.flatMap(scratchOf).map(({ sourceVolume }) => ({ name: sourceVolume })),
    ],
  }
}
