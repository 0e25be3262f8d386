import { createHash } from 'node:crypto'
import { chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import {
  containerCommand,
  containerEnvironment,
  containerFiles,
  containerPlace,
  openEnvironment,
} from '../../../adapters/site-runtime/container-texts.ts'
import { type BlueprintContainer, stopSecondsOf } from '../../../core/blueprint/blueprint.ts'
import { filesDirectory, type Place } from '../../../core/blueprint/interpolate.ts'
import { isAwaited, startOrder } from '../../../core/blueprint/start-order.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { EngineProgram } from '../engine.ts'
import { Failure } from '../failure.ts'

/** One container of the file, as a program of this machine that runs it and passes on its output. */
export interface Part {
  readonly name: string
  /** The program and its arguments. */
  readonly command: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** It succeeds once those that wait for this one may start. */
  readonly health?: readonly string[]
  /** It ends the part; otherwise a signal does. */
  readonly stop?: readonly string[]
  readonly stopMilliseconds: number
}

/** Where the parts are on this machine. */
export interface DevPlace {
  /** The directory of the file. */
  readonly base: string
  /** For data, secrets and files. */
  readonly directory: string
  readonly port: number
}

/** The user of containers where root develops: as on the server, they do not run as root. */
const plainUser = 10_001

const filesOf = ({ directory }: DevPlace, name: string): string => join(directory, 'files', name)

/** @param mode of the files: in containers, other users than the developer read them. */
const writeFiles = async (
  launch: Launch,
  place: DevPlace,
  placeOf: (container: string) => Place,
  mode: number,
): Promise<void> => {
  const files = join(place.directory, 'files')
  await rm(files, { recursive: true, force: true })
  // A mount needs no way to it, and others on the machine get none.
  await mkdir(files, { recursive: true, mode: 0o700 })
  for (const container of launch.blueprint.containers) {
    await mkdir(filesOf(place, container.name), { recursive: true })
    const texts = containerFiles(container, launch, placeOf(container.name))
    for (const [name, text] of Object.entries(texts)) {
      await writeFile(join(filesOf(place, container.name), name), text, { mode })
    }
  }
}

/** @throws {Failure} for a container without `process`. */
export const processParts = async (launch: Launch, place: DevPlace): Promise<readonly Part[]> => {
  const [dataDirectory, homeDirectory] = [join(place.directory, 'data'), join(place.directory, 'home')]
  const placeOf = (name: string) => ({
    ...{ host: '127.0.0.1', port: place.port, dataDirectory, homeDirectory },
    filesDirectory: filesOf(place, name),
  })
  for (const one of [dataDirectory, homeDirectory]) await mkdir(one, { recursive: true })
  await writeFiles(launch, place, placeOf, 0o600)
  const { blueprint } = launch
  return startOrder(blueprint).map(({ process: program, ...container }) => {
    const { name, health } = container
    if (program === undefined) {
      throw new Failure('mistake', `'${name}' has no \`process\`: start Docker or Podman, or give it one.`)
    }
    const environment = { ...container.environment, ...program.environment }
    const words = (command: readonly string[]) => containerCommand(command, container, launch, placeOf(name))
    return {
      name,
      command: words(program.command),
      directory: resolve(place.base, program.directory),
      environment: {
        PATH: process.env['PATH'],
        ...containerEnvironment({ ...container, environment }, launch, placeOf(name)),
      },
      ...(health && isAwaited(blueprint, container) && { health: words(health.command) }),
      stopMilliseconds: stopSecondsOf(blueprint) * 1000,
    }
  })
}

/** The same for a directory at each start, and another for each directory, so that several run at once. */
const placeMark = ({ directory }: DevPlace): string => createHash('sha256').update(directory).digest('hex').slice(0, 8)

export const containerName = (place: DevPlace, name: string): string => `sitewright-dev-${placeMark(place)}-${name}`

/** As whom a container runs. Files of the data are the developer's where that is possible. */
const userOptions = (
  { capabilities }: Pick<BlueprintContainer, 'capabilities'>,
  { isPodman }: EngineProgram,
  first: string | undefined,
): readonly string[] => {
  const uid = process.getuid?.() ?? 0
  const user = uid === 0 ? plainUser : uid
  const namespace = isPodman && uid !== 0 ? [`--userns=${first === undefined ? 'keep-id' : `container:${first}`}`] : []
  if (capabilities === undefined) return [...namespace, `--user=${user}:${process.getgid?.() || plainUser}`]
  return [...namespace, '--user=0:0', ...capabilities.map((one) => `--cap-add=${one}`)]
}

/** Variables that the engine's own program reads. A container's value must not replace them, so it is an argument, also if it is a secret. */
const enginesOwn =
  /^(?:PATH|HOME|TMPDIR|LD_.*|XDG_\w+_(?:DIR|HOME)|DOCKER_(?:HOST|CONFIG|CONTEXT|CERT_PATH|TLS\w*|API_VERSION)|CONTAINER_(?:HOST|CONNECTION|SSHKEY)|CONTAINERS_\w*CONF|SSL_CERT_(?:FILE|DIR)|\w+_PROXY)$/i

/** The variables of a container as options of an engine. Everybody on the machine sees those, so secrets are in its environment. */
const variableOptions = (container: BlueprintContainer, launch: Launch, inside: Place) => {
  const open = openEnvironment(container, launch, inside)
  const all = Object.entries(containerEnvironment(container, launch, inside))
  const hidden = all.filter(([key]) => open[key] === undefined && !enginesOwn.test(key))
  const names = new Set(hidden.map(([key]) => key))
  return {
    options: all.map(([key, value]) => (names.has(key) ? `--env=${key}` : `--env=${key}=${value}`)),
    environment: { ...process.env, ...Object.fromEntries(hidden) },
  }
}

/** @param imageOf says which image was built for a container. @throws {Failure} if no engine can mount the data. */
export const containerParts = async (
  launch: Launch,
  place: DevPlace,
  engine: EngineProgram,
  imageOf: (container: BlueprintContainer) => string,
): Promise<readonly Part[]> => {
  const { blueprint } = launch
  const inside = containerPlace(blueprint, 8080)
  const data = join(place.directory, 'data')
  if (data.includes(':')) {
    const advice = 'Rename the directory, or use --processes.'
    throw new Failure('mistake', `The path ${place.base} has a colon, so no engine can mount it. ${advice}`)
  }
  const mounted = blueprint.containers.flatMap(({ mounts = [] }) =>
    mounts.map(({ directory }) => join(data, directory)),
  )
  for (const one of [data, ...mounted]) {
    await mkdir(one, { recursive: true })
    if (process.getuid?.() === 0) await chown(one, plainUser, plainUser)
  }
  await writeFiles(launch, place, () => inside, 0o644)
  const [owner] = startOrder(blueprint)
  return startOrder(blueprint).map((container) => {
    const { name, command = [], mounts = [], writable = [], files, health } = container
    const own = containerName(place, name)
    const first = owner && owner !== container ? containerName(place, owner.name) : undefined
    const bound = [
      `${data}:${inside.dataDirectory}:z`,
      ...mounts.map(({ path, directory }) => `${join(data, directory)}:${path}:z`),
      ...(files ? [`${filesOf(place, name)}:${filesDirectory}:ro,z`] : []),
    ]
    const variables = variableOptions(container, launch, inside)
    const options = [
      ...['--rm', '--init', `--name=${own}`, '--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges'],
      ...userOptions(container, engine, first),
      first === undefined ? `--publish=127.0.0.1:${place.port}:${inside.port}` : `--network=container:${first}`,
      ...['/tmp', ...writable].map((path) => `--tmpfs=${path}`),
      ...bound.flatMap((one) => ['-v', one]),
      ...variables.options,
    ]
    const seconds = stopSecondsOf(blueprint)
    return {
      name,
      command: [
        engine.program,
        'run',
        ...options,
        imageOf(container),
        ...containerCommand(command, container, launch, inside),
      ],
      directory: place.base,
      environment: variables.environment,
      ...(health &&
        isAwaited(blueprint, container) && {
          health: [engine.program, 'exec', own, ...containerCommand(health.command, container, launch, inside)],
        }),
      stop: [engine.program, 'stop', `--time=${seconds}`, own],
      stopMilliseconds: (seconds + 5) * 1000,
    }
  })
}

/** The image of a container as it is built here. */
export const builtImage = (place: DevPlace, { name }: { readonly name: string }): string =>
  `sitewright-dev/${
    basename(place.base)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'site'
  }-${placeMark(place)}-${name}`
