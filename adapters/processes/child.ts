import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { setTimeout as timer } from 'node:timers/promises'
import { endedUnhealthy, notHealthy } from '../../core/blueprint/start-order.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { ChildCommand } from './child-command.ts'

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

/** Whatever a check has started ends with it: one that hangs, or ignores signals, would otherwise keep the start and its processes for ever. */
const succeeds = async ({ directory, environment }: ChildCommand, [file = '', ...args]: readonly string[]) => {
  const check = spawn(file, args, { cwd: directory, env: environment, stdio: 'ignore', detached: true })
  const end = (): void => {
    if (check.pid !== undefined) signalGroup(check.pid, 'SIGKILL')
  }
  const overdue = setTimeout(end, checkTime)
  const isGood = await new Promise<boolean>((resolve) => {
    check.once('error', () => resolve(false)).once('exit', (code) => resolve(code === 0))
  })
  clearTimeout(overdue)
  end()
  return isGood
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
