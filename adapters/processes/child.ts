import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { leftoverMarks } from '../leftovers/find-leftovers.ts'
import { containerEnvironment } from '../site-runtime/launch-digest.ts'

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
  /** Asks it to end, makes it end after `grace` milliseconds, and resolves when it is gone with all it started. */
  readonly stop: (grace: number) => Promise<void>
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
    stop: async (grace) => {
      if (!isRunning()) return
      signalGroup(pid, 'SIGTERM')
      const force = setTimeout(() => signalGroup(pid, 'SIGKILL'), grace)
      await ended
      clearTimeout(force)
    },
  }
}

/** One process to start: program, arguments, working directory and the whole of its environment. */
export interface ChildCommand {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

export interface ChildSurroundings {
  readonly homeId: string
  readonly dataDirectory: string
  readonly port: number
  /** Makes a path of a blueprint, which is relative to the blueprint's file, absolute. */
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
}

const childCommand = (container: BlueprintContainer, launch: Launch, around: ChildSurroundings): ChildCommand => {
  const { blueprint } = launch
  const [program = '', ...args] = container.process?.command ?? []
  if (container.process === undefined) {
    throw new SitewrightError(
      'LaunchFailed',
      `The container '${container.name}' of the blueprint '${blueprint.name}' version ${blueprint.version} does not say how it ` +
        `runs as a process: give it a 'process', or run the host with a container engine.`,
    )
  }
  return {
    name: container.name,
    file: program === 'node' ? process.execPath : program,
    args,
    directory: around.resolvePath(blueprint, container.process.directory),
    environment: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      ...containerEnvironment(container, launch),
      HOST: '127.0.0.1',
      PORT: String(around.port),
      DATA_DIRECTORY: around.dataDirectory,
      ...leftoverMarks(around.homeId, 'site'),
    },
  }
}

/**
 * The processes of a launch, in the blueprint's order. A site sees only `PATH` of the host's environment.
 * @throws {SitewrightError} `LaunchFailed` where a container cannot run as a process.
 */
export const childCommands = (launch: Launch, around: ChildSurroundings): readonly ChildCommand[] =>
  launch.blueprint.containers.map((container) => childCommand(container, launch, around))
