import type { LogConfiguration, RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs'
import type { BlueprintContainer, DataOwner } from '../../core/blueprint/blueprint.ts'
import { variablesIn } from '../../core/blueprint/interpolate.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerPlace, secretTexts } from '../site-runtime/container-texts.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import { arnPartsOf, type CellDescription } from '../ssm/cell-description.ts'

/** The parts of a site that are made before its task definition. */
export interface SiteSurroundings {
  readonly family: string
  readonly port: number
  /** ARNs of the parameters that hold the site's secrets, by the secrets' names. */
  readonly parameters: Readonly<Record<string, string>>
  readonly owner: DataOwner
  readonly accessPointId: string
  readonly roleArn: string
  /** Whether nobody may read what the site's own containers print. */
  readonly hidesOutput?: boolean | undefined
}

/** Sorted, so that the order in which a blueprint or a launch names things makes no other definition. */
const pairs = (values: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))

export const environmentOf = (values: Readonly<Record<string, string>>) =>
  pairs(values).map(([name, value]) => ({ name, value }))

export const volumes = { data: 'data', temporary: 'tmp' } as const

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

/** A parameter keeps its first value, so a value that was set has one of its own for each time. */
export const parameterOf = (name: string, { given = {} }: Launch): string =>
  Object.hasOwn(given, name) ? `given.${given[name]}.${name}` : name

/** Those of a text's secrets that were set for the site. */
const givenIn = (text: string, launch: Launch): readonly string[] =>
  variablesIn(text)
    .map((name) => name.replace(/^secret\./, ''))
    .filter((name) => Object.hasOwn(launch.given ?? {}, name))
    .map((name) => parameterOf(name, launch))

/** A text that mixes secrets with others is a parameter of its own, because a definition can be read. */
const mixedSecrets = (container: BlueprintContainer, launch: Launch, port: number) =>
  secretTexts(container, launch, containerPlace(launch.blueprint, port)).map(({ name, value, open }) => {
    const given = givenIn(open, launch)
    // A parameter keeps its first value, so another text needs another one.
    const digest = contentDigest(given.length === 0 ? open : [open, given]).slice(0, 16)
    return { name, value, parameter: `${container.name}.${name}.${digest}` }
  })

/** Everything of a launch that is stored as a parameter: its secrets, and variables that hold one. */
export const parametersOf = (launch: Launch, port: number): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(launch.secrets).map(([name, value]) => [parameterOf(name, launch), value])),
  ...Object.fromEntries(
    launch.blueprint.containers.flatMap((container) =>
      mixedSecrets(container, launch, port).map(({ parameter, value }) => [parameter, value]),
    ),
  ),
})

/** The secrets of a container, by the ARNs of their parameters. */
export const secretsOf = (container: BlueprintContainer, launch: Launch, { parameters, port }: SiteSurroundings) =>
  pairs({
    ...Object.fromEntries(mixedSecrets(container, launch, port).map(({ name, parameter }) => [name, parameter])),
    ...Object.fromEntries(container.secrets.map((name) => [name, parameterOf(name, launch)])),
  }).flatMap(([name, parameter]) => {
    const valueFrom = parameters[parameter]
    return valueFrom === undefined ? [] : [{ name, valueFrom }]
  })
