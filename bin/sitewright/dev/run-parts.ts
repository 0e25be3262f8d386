import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Blueprint, BlueprintContainer } from '../../../core/blueprint/blueprint.ts'
import { startsAfter } from '../../../core/blueprint/start-order.ts'
import { endWithCommand } from '../../command-line/run-to-end.ts'
import type { Part } from './parts.ts'

export interface Line {
  readonly container: string
  readonly line: string
}

interface RunOptions {
  readonly blueprint: Blueprint
  /** Given a line of a container. */
  readonly print: (line: Line) => void
  readonly note: (text: string) => void
}

const betweenChecks = 300

const start = ({
  command: [file = '', ...args],
  directory,
  environment,
}: Pick<Part, 'command' | 'directory' | 'environment'>) =>
  // Apart from the terminal's group: otherwise its signals reach the parts before this command.
  spawn(file, args, { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true })

const hasEnded = ({ exitCode, signalCode, pid }: ChildProcess): boolean =>
  pid === undefined || exitCode !== null || signalCode !== null

const succeeds = async (part: Part, command: readonly string[]): Promise<boolean> => {
  const child = start({ ...part, command })
  child.stdout.resume()
  child.stderr.resume()
  return new Promise((resolve) => {
    child.once('error', () => resolve(false)).once('close', (code) => resolve(code === 0))
  })
}

const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

const stopPart = async (part: Part, child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return
  const closed = once(child, 'close')
  if (part.stop === undefined) signalGroup(child, 'SIGTERM')
  else void succeeds(part, part.stop)
  await Promise.race([closed, pause(part.stopMilliseconds, undefined, { ref: false })])
  signalGroup(child, 'SIGKILL')
  await closed
}

/**
 * Starts the parts, each once those before it are healthy, and prints what they write.
 * @returns what stops them all, also while some have not started yet.
 */
export const runParts = (parts: readonly Part[], { blueprint, print, note }: RunOptions): (() => Promise<void>) => {
  const children = new Map<Part, ChildProcess>()
  const release = endWithCommand(() => Promise.all([...children].map(([part, child]) => stopPart(part, child))))
  let isStopping = false

  const begin = async (part: Part): Promise<void> => {
    const child = start(part)
    children.set(part, child)
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => print({ container: part.name, line }))
    }
    child.once('error', (error) => note(`'${part.name}' cannot be started: ${error.message}`))
    child.once('close', (code, signal) => {
      if (!isStopping) note(`'${part.name}' ended with ${code ?? signal}. It starts again after a change.`)
    })
    while (part.health !== undefined && !isStopping && !hasEnded(child) && !(await succeeds(part, part.health))) {
      await pause(betweenChecks)
    }
  }

  const begun = new Map<string, Promise<void>>()
  const starting = async (): Promise<void> => {
    for (const part of parts) {
      const container: Pick<BlueprintContainer, 'name' | 'after'> | undefined = blueprint.containers.find(
        ({ name }) => name === part.name,
      )
      for (const name of container ? startsAfter(blueprint, container) : []) await begun.get(name)
      if (isStopping) return
      begun.set(part.name, begin(part))
    }
    await Promise.all(begun.values())
  }
  const started = starting()

  return async () => {
    isStopping = true
    // The network of all is the first one's.
    for (const [part, child] of [...children].reverse()) await stopPart(part, child)
    await started
    release()
  }
}
