import { fileURLToPath } from 'node:url'
import { type Blueprint, type BlueprintContainer, stopSecondsOf } from '../../core/blueprint/blueprint.ts'
import { type Place, variableKey } from '../../core/blueprint/interpolate.ts'
import { awaitedSeconds, isAwaited, startOrder } from '../../core/blueprint/start-order.ts'
import { choosesCode } from '../../core/blueprint/variables.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { leftoverMarks } from '../leftovers/find-leftovers.ts'
import { containerCommand, containerEnvironment } from '../site-runtime/container-texts.ts'

/** One process to start: program, arguments, working directory and the whole of its environment. */
export interface ChildCommand {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** How long it gets to end by itself. */
  readonly stopMilliseconds: number
  /** To be waited for before the next one starts: a command that succeeds, and for how many seconds since the first one began. */
  readonly health?: { readonly command: readonly string[]; readonly seconds: number }
}

export interface ChildSurroundings {
  readonly homeId: string
  readonly placeOf: (container: string) => Place
  /** Makes a path of a blueprint, which is relative to the blueprint's file, absolute. */
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  /** Where containers have another directory than their blueprint says: a copy of it. */
  readonly copies?: ReadonlyMap<string, string>
  /** For tests: the most that any blueprint gets to stop. */
  readonly grace?: number
}

const ownDirectory = fileURLToPath(new URL('../../', import.meta.url))

const ofNpm = /(?:^|\/)(?:node_modules\/\.bin|node-gyp-bin)\/?$/

/** The machine's search path: npm puts directories of its own before it. */
export const machinePath = (path = ''): string => {
  const directories = path.split(':').filter((directory) => directory !== '' && !ofNpm.test(directory))
  return directories.length === 0 ? '/usr/local/bin:/usr/bin:/bin' : directories.join(':')
}

/** Values come from the API: a token must not choose what the user of the host runs. @throws {SitewrightError} `LaunchFailed`. */
const requireOwnCode = ({ name, variables = [], secrets }: BlueprintContainer, { facts, given }: Launch): void => {
  const set = [...variables.filter((one) => facts?.[variableKey(one)]), ...secrets.filter((one) => given?.[one])]
  const open = set.find(choosesCode)
  if (open === undefined) return
  throw new SitewrightError(
    'LaunchFailed',
    `'${open}' is set for '${name}', and can make a plain process run other code. Write it in \`process.environment\`.`,
  )
}

const childCommand = (container: BlueprintContainer, launch: Launch, around: ChildSurroundings): ChildCommand => {
  const { blueprint } = launch
  const { health } = container
  const environment = { ...container.environment, ...container.process?.environment }
  const place = around.placeOf(container.name)
  const [program = '', ...args] = containerCommand(container.process?.command ?? [], container, launch, place)
  if (container.process === undefined) {
    throw new SitewrightError(
      'LaunchFailed',
      `The container '${container.name}' of the blueprint '${blueprint.name}' version ${blueprint.version} does not say how it ` +
        `runs as a process: give it a 'process', or run the host with a container engine.`,
    )
  }
  requireOwnCode(container, launch)
  const source = around.resolvePath(blueprint, container.process.directory)
  return {
    name: container.name,
    // Sites that are part of Sitewright need the Node.js that it brings.
    file: program === 'node' && `${source}/`.startsWith(ownDirectory) ? process.execPath : program,
    args,
    directory: around.copies?.get(container.name) ?? source,
    environment: {
      PATH: machinePath(process.env['PATH']),
      ...containerEnvironment({ ...container, environment }, launch, place),
      ...leftoverMarks(around.homeId, 'site'),
    },
    stopMilliseconds: Math.min(stopSecondsOf(blueprint) * 1000, around.grace ?? Number.POSITIVE_INFINITY),
    ...(health !== undefined &&
      isAwaited(blueprint, container) && {
        health: {
          command: containerCommand(health.command, container, launch, place),
          seconds: awaitedSeconds(blueprint),
        },
      }),
  }
}

/**
 * The processes of a launch, in their start order. A site sees only `PATH` of the host's environment.
 * @throws {SitewrightError} `LaunchFailed` where a container cannot run as a process.
 */
export const childCommands = (launch: Launch, around: ChildSurroundings): readonly ChildCommand[] =>
  startOrder(launch.blueprint).map((container) => childCommand(container, launch, around))
