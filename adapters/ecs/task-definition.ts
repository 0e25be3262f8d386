import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import type { BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import { fargateSizeProblem } from '../../core/config/fargate-size.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Size } from '../../core/plan/plan.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerEnvironment } from '../site-runtime/launch-digest.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { placeOf } from '../ssm/cell-description.ts'

/** What a launch becomes on Fargate; without tags, which name the site and not what runs. */
export type TaskDefinition = Omit<RegisterTaskDefinitionCommandInput, 'tags'> & { readonly family: string }

/** What was made for the site before its task definition can be written. */
export interface SiteSurroundings {
  readonly family: string
  readonly port: number
  readonly owner: { readonly uid: number; readonly gid: number }
  readonly accessPointId: string
  readonly roleArn: string
  /** ARNs of the parameters that hold the site's secrets, by the secrets' names. */
  readonly parameters: Readonly<Record<string, string>>
}

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

/** Its part of the site's size. */
const sizeOf = ({ share }: BlueprintContainer, { size, blueprint }: Launch) => {
  const part = share / blueprint.containers.reduce((sum, container) => sum + container.share, 0)
  return { cpu: Math.floor(size.cpu * cpuUnitsPerCore * part), memory: Math.floor(size.memoryMiB * part) }
}

/** Soft and hard alike. */
const limit = (name: 'nofile' | 'nproc', value: number) => ({ name, softLimit: value, hardLimit: value })

/** Sorted, so that the order in which a blueprint or a launch names things makes no other definition. */
const pairs = (values: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))

const environmentOf = (container: BlueprintContainer, launch: Launch, port: number) =>
  pairs({
    ...containerEnvironment(container, { ...launch, secrets: {} }),
    HOST: '0.0.0.0',
    PORT: String(port),
    DATA_DIRECTORY: launch.blueprint.data.directory,
  }).map(([name, value]) => ({ name, value }))

const secretsOf = (container: BlueprintContainer, parameters: SiteSurroundings['parameters']) =>
  pairs(parameters)
    .filter(([name]) => container.secrets.includes(name))
    .map(([name, valueFrom]) => ({ name, valueFrom }))

const volumes = { data: 'data', temporary: 'tmp' } as const

/**
 * As on one machine: non-root, a root that cannot be written to, no capabilities. Fargate takes neither a tmpfs nor
 * `no-new-privileges`; `/tmp` is a volume of the task there, which has the owner and mode that the image gives it by
 * `VOLUME /tmp`, and is root's alone without that. The number of processes is bound by the user, who is this site's alone in
 * a machine that is this task's alone. Source: the Amazon ECS Developer Guide, "Fargate task definition differences" and "Use
 * bind mounts".
 */
const containerOf = (
  container: BlueprintContainer,
  launch: Launch,
  site: SiteSurroundings,
  { logGroup, clusterArn }: CellDescription,
): ContainerDefinition => {
  const { traffic, data } = launch.blueprint
  const isTraffic = container.name === traffic.container
  return {
    name: container.name,
    image: container.image,
    ...(container.command === undefined ? {} : { command: [...container.command] }),
    ...sizeOf(container, launch),
    // Life is shared: where one ends, the task does, and a new one takes its place.
    essential: true,
    ...(isTraffic
      ? { portMappings: [{ containerPort: site.port, protocol: 'tcp' }] }
      : { dependsOn: [{ containerName: traffic.container, condition: 'START' }] }),
    user: `${site.owner.uid}:${site.owner.gid}`,
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
    ulimits: [limit('nofile', 8192), limit('nproc', launch.size.processes)],
    environment: environmentOf(container, launch, site.port),
    secrets: secretsOf(container, site.parameters),
    mountPoints: [
      { sourceVolume: volumes.data, containerPath: data.directory },
      { sourceVolume: volumes.temporary, containerPath: '/tmp' },
    ],
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroup,
        'awslogs-region': placeOf(clusterArn).region,
        'awslogs-stream-prefix': launch.siteId,
        // Logs that do not get away are dropped; they never hold the site up.
        mode: 'non-blocking',
        'max-buffer-size': '4m',
      },
    },
  }
}

/**
 * @throws {SitewrightError} `LaunchFailed` where an image is not pinned by its digest, or Fargate does not offer the size: the
 *   same launch would fail again.
 */
export const taskDefinitionOf = (launch: Launch, site: SiteSurroundings, cell: CellDescription): TaskDefinition => {
  requireRunnable(launch)
  return {
    family: site.family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    ...taskSizeOf(launch.size),
    executionRoleArn: cell.executionRoleArn,
    taskRoleArn: site.roleArn,
    containerDefinitions: launch.blueprint.containers.map((container) => containerOf(container, launch, site, cell)),
    volumes: [
      {
        name: volumes.data,
        efsVolumeConfiguration: {
          fileSystemId: cell.fileSystemId,
          transitEncryption: 'ENABLED',
          authorizationConfig: { accessPointId: site.accessPointId, iam: 'ENABLED' },
        },
      },
      { name: volumes.temporary },
    ],
  }
}
