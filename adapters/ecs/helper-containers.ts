import type { ContainerDefinition, ContainerDependency } from '@aws-sdk/client-ecs'
import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerPlace, openFiles } from '../site-runtime/container-texts.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { confinedTo, environmentOf, logsTo, parameterOf, type SiteSurroundings, volumes } from './task-parts.ts'

/** In the helper's image; cloud/site-helper.ts. */
const helperCommand = ['node', '/app/site-helper/index.mjs'] as const

/** The helper's image makes this path writable for everybody. */
const helperDirectory = '/tmp'

/** Where the helper sees the site's data. */
const leaseDirectory = '/site-data'

/** CPU units and MiB. */
const forwarderSize = { cpu: 32, memory: 96 } as const
const keeperSize = { cpu: 16, memory: 64 } as const

/** Whether visitors come in by a port on which the product does not listen. */
export const isForwarded = ({ traffic }: Blueprint, { port }: SiteSurroundings): boolean =>
  traffic.port !== undefined && traffic.port !== port

const hasLease = ({ data }: Blueprint): boolean => data.mode === 'exclusive'

/** What runs beside the site's own containers takes this off its size. */
export const helperSizeOf = (blueprint: Blueprint, site: SiteSurroundings) => {
  const sizes = [...(isForwarded(blueprint, site) ? [forwarderSize] : []), ...(hasLease(blueprint) ? [keeperSize] : [])]
  return {
    cpu: sizes.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: sizes.reduce((sum, { memory }) => sum + memory, 0),
  }
}

/** A blueprint's containers have no underscore in their names. */
export const filesOf = ({ name }: BlueprintContainer): string => `${name}_files`

/** Writes the files of a container before it starts. It gets secrets by reference, like the container. */
export const fileWriterOf = (
  container: BlueprintContainer,
  launch: Launch,
  site: SiteSurroundings,
  cell: CellDescription,
): ContainerDefinition => ({
  name: filesOf(container),
  image: cell.helperImage,
  command: [...helperCommand, 'files'],
  ...confinedTo(site.owner),
  essential: false,
  environment: environmentOf({
    FILES: JSON.stringify(openFiles(container, launch, containerPlace(launch.blueprint, site.port))),
    FILES_TO: helperDirectory,
  }),
  secrets: container.secrets.toSorted().flatMap((name) => {
    const valueFrom = site.parameters[parameterOf(name, launch)]
    return valueFrom === undefined ? [] : [{ name: `SECRET_${name}`, valueFrom }]
  }),
  mountPoints: [{ sourceVolume: filesOf(container), containerPath: helperDirectory }],
  logConfiguration: logsTo(cell.logGroup, cell, launch.siteId),
})

/** Listens on the site's own port, the only one that security groups admit, and forwards to the port of the product. */
export const forwarderOf = (
  { blueprint, siteId }: Launch,
  site: SiteSurroundings,
  cell: CellDescription,
): ContainerDefinition => ({
  name: 'site_port',
  image: cell.helperImage,
  command: [...helperCommand, 'port'],
  ...forwarderSize,
  ...confinedTo(site.owner),
  dependsOn: [{ containerName: blueprint.traffic.container, condition: 'START' }],
  portMappings: [{ containerPort: site.port, protocol: 'tcp' }],
  environment: environmentOf({ PORT: String(site.port), FORWARD_TO: String(blueprint.traffic.port) }),
  logConfiguration: logsTo(cell.logGroup, cell, siteId),
})

/** Seconds between two writes of the lease. */
export const renewSeconds = 15

/** The longest that Fargate takes, in seconds. Source: the Amazon ECS API Reference, `ContainerDefinition`. */
const longestStopTimeout = 120

/** What a container has between being told to end and being made to, in seconds. Without one Fargate gives it 30. */
export const stopTimeoutOf = ({ traffic }: Blueprint): number | undefined =>
  traffic.stopSeconds === undefined ? undefined : Math.min(traffic.stopSeconds, longestStopTimeout)

const leaseNames = { taker: 'data_lease', keeper: 'data_keeper' } as const

/** Where exclusive data is concerned, a container starts once the task has the lease of the data, and ends before it releases it. */
export const leaseDependencies = (blueprint: Blueprint): readonly ContainerDependency[] =>
  hasLease(blueprint)
    ? [
        { containerName: leaseNames.taker, condition: 'SUCCESS' },
        { containerName: leaseNames.keeper, condition: 'START' },
      ]
    : []

/**
 * Takes the lease of exclusive data before the site's own containers start, and keeps it while they run
 * (docs/adr/0080-a-lease-of-exclusive-data.md). Where it is lost, the keeper ends, and the task with it.
 */
export const leaseHoldersOf = (
  { blueprint, siteId }: Launch,
  site: SiteSurroundings,
  cell: CellDescription,
): readonly ContainerDefinition[] => {
  if (!hasLease(blueprint)) return []
  // One ends after the other, and the forwarder before them within five seconds.
  const stopSeconds = (stopTimeoutOf(blueprint) ?? 30) * blueprint.containers.length + 5
  const common = {
    image: cell.helperImage,
    ...confinedTo(site.owner),
    environment: environmentOf({
      DATA: leaseDirectory,
      HANDED_OVER_IN: helperDirectory,
      RENEW_SECONDS: String(renewSeconds),
      STOP_SECONDS: String(stopSeconds),
    }),
    mountPoints: [
      { sourceVolume: volumes.data, containerPath: leaseDirectory },
      { sourceVolume: leaseNames.taker, containerPath: helperDirectory },
    ],
    logConfiguration: logsTo(cell.logGroup, cell, siteId),
  }
  return [
    // The longest that Fargate takes. A task that waits longer is replaced by one that continues to wait.
    { name: leaseNames.taker, command: [...helperCommand, 'take'], ...common, essential: false, startTimeout: 120 },
    { name: leaseNames.keeper, command: [...helperCommand, 'keep'], ...keeperSize, ...common },
  ]
}

export const helperVolumesOf = (blueprint: Blueprint): readonly { readonly name: string }[] => [
  ...blueprint.containers.filter(({ files }) => files !== undefined).map((container) => ({ name: filesOf(container) })),
  ...(hasLease(blueprint) ? [{ name: leaseNames.taker }] : []),
]
