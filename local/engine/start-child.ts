import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

export interface ChildCommand {
  readonly command: string
  readonly arguments: readonly string[]
  readonly directory: string
  /** The whole of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>
  /** Both outputs are appended to it. */
  readonly logFile: string
}

export interface Child {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined
  /** Resolves with why, when it has ended or could not be started. Never rejects. */
  readonly ended: Promise<string>
  /** SIGTERM, and SIGKILL once the grace is over; resolves when it has ended. */
  readonly end: (graceMilliseconds: number) => Promise<void>
}

const spawnLogged = ({ logFile, ...child }: ChildCommand) => {
  const output = openSync(logFile, 'a', 0o600)
  try {
    return spawn(child.command, child.arguments, {
      cwd: child.directory,
      env: child.environment,
      stdio: ['ignore', output, output],
      // A group of its own: Ctrl-C at the terminal is for the host, which still needs the engine to stop in good order.
      detached: true,
    })
  } finally {
    closeSync(output)
  }
}

/** Starts a program. Whatever goes wrong shows in `ended`. */
export const startChild = (command: ChildCommand): Child => {
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  let child: ReturnType<typeof spawnLogged>
  try {
    child = spawnLogged(command)
  } catch (error) {
    return { pid: undefined, ended: Promise.resolve(String(error)), end: async () => {} }
  }
  child.once('error', (error) => resolve(error.message))
  child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  return {
    pid: child.pid,
    ended,
    end: async (graceMilliseconds) => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds)
      await ended
      clearTimeout(timer)
    },
  }
}
