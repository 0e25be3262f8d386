import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { setTimeout as timer } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Blueprint, type BlueprintContainer, stopSecondsOf } from '../../core/blueprint/blueprint.ts'
import { type Place, variableKey } from '../../core/blueprint/interpolate.ts'
import { awaitedSeconds, endedUnhealthy, isAwaited, notHealthy, startOrder } from '../../core/blueprint/start-order.ts'
import { choosesCode } from '../../core/blueprint/variables.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { leftoverMarks } from '../leftovers/find-leftovers.ts'
import { containerCommand, containerEnvironment } from '../site-runtime/container-texts.ts'

/** How a process ended: its exit code, or the signal that ended it. */
export interface ChildEnd {
  readonly name: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly isRunning: () => boolean
  readonly ended: Promise<ChildEnd>
  /** Asks it to end, makes it end after its time to stop, and resolves when it is gone with all it started. */
  readonly stop: () => Promise<void>
}

/** A child leads a process group of its own, so that what it started ends with it. */
const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody is left in the group.
  }
}

const launchFailed = async (command: ChildCommand, cause: unknown): Promise<SitewrightError> => {
  // A missing working directory reads as a missing program otherwise.
  const directory = await stat(command.directory).catch(() => undefined)
  const reason = directory?.isDirectory()
    ? `the program '${command.file}' cannot be run${cause instanceof Error ? ` (${cause.message})` : ''}`
    : `its directory ${command.directory} does not exist`
  return new SitewrightError(
    'LaunchFailed',
    `The process '${command.name}' cannot be started: ${reason}. Correct 'process' in the blueprint.`,
    { cause },
  )
}

/**
 * Starts a process without a shell, with its output in an open file.
 * @throws {SitewrightError} `LaunchFailed` where the program or its directory is missing.
 */
export const startChild = async (command: ChildCommand, output: number): Promise<Child> => {
  const child = spawn(command.file, command.args, {
    cwd: command.directory,
    env: command.environment,
    stdio: ['ignore', output, output],
    detached: true,
  })
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
      resolve({ name: command.name, code, signal })
    })
  })
  const { pid } = child
  if (pid === undefined) {
    const cause = await new Promise((resolve) => child.once('error', resolve))
    throw await launchFailed(command, cause)
  }
  // Node also reports here that a signal could not be delivered; `ended` tells what matters.
  child.on('error', () => undefined)
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  return {
    name: command.name,
    pid,
    isRunning,
    ended,
    stop: async () => {
      if (!isRunning()) return
      signalGroup(pid, 'SIGTERM')
      const force = setTimeout(() => signalGroup(pid, 'SIGKILL'), command.stopMilliseconds)
      await ended
      clearTimeout(force)
    },
  }
}

/** In milliseconds. */
const checkTime = 5000
const checkPause = 100

const succeeds = async ({ directory, environment }: ChildCommand, [file = '', ...args]: readonly string[]) => {
  const check = spawn(file, args, { cwd: directory, env: environment, stdio: 'ignore', timeout: checkTime })
  return new Promise<boolean>((resolve) => {
    check.once('error', () => resolve(false)).once('exit', (code) => resolve(code === 0))
  })
}

/** Waits until the health check of a process succeeds. @throws {SitewrightError} `LaunchFailed` where it does not in time. */
export const whenHealthy = async (
  child: Pick<Child, 'ended' | 'isRunning'>,
  command: ChildCommand,
  begunAt = performance.now(),
): Promise<void> => {
  if (command.health === undefined) return
  const givenUpAt = begunAt + command.health.seconds * 1000
  while (!(await succeeds(command, command.health.command))) {
    if (!child.isRunning()) throw endedUnhealthy(command.name, (await child.ended).code)
    if (performance.now() >= givenUpAt) throw notHealthy(command.name, command.health.seconds)
    await timer(checkPause)
  }
}

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
