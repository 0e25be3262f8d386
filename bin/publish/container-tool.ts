import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { endWithCommand } from '../command-line/run-to-end.ts'

/** Copies images with the command line of Docker or Podman, which take the same arguments. */
const toolNamed = (name: string) => {
  const run = async (...parameters: readonly string[]): Promise<void> => {
    await runProgram(name, parameters)
  }
  /** Without that option Docker means the platform of its machine. Older versions of Docker, and Podman, keep one platform of an image and do not have this option. */
  const runFor = async (platform: string, command: readonly string[], image: string): Promise<string> => {
    try {
      return await runProgram(name, [...command, '--platform', platform, image])
    } catch (error) {
      const isUnknown = error instanceof ProgramFailed && /--help|requires API version/.test(error.message)
      if (!isUnknown) throw error
      return runProgram(name, [...command, image])
    }
  }
  return {
    name,
    login: async (registry: string, user: string, password: string): Promise<void> => {
      // As an argument, every process of the machine could read it.
      await runProgram(name, ['login', '--username', user, '--password-stdin', registry], password)
    },
    pull: (image: string, platform: string) => run('pull', '--platform', platform, image),
    /** The architecture of a pulled image, such as `arm64`. */
    architectureOf: async (image: string, platform: string) =>
      (await runFor(platform, ['image', 'inspect', '--format', '{{.Architecture}}'], image)).trim(),
    tag: (image: string, target: string) => run('tag', image, target),
    /** A zstd image starts faster than one with gzip. Docker has no option for it. */
    push: async (target: string, platform: string): Promise<void> => {
      if (name === 'podman') await run('push', '--compression-format', 'zstd', target)
      else await runFor(platform, ['push'], target)
    },
  }
}

export type ContainerTool = ReturnType<typeof toolNamed>

/** @throws {PublishError} if neither tool works. */
export const findContainerTool = async (): Promise<ContainerTool> => {
  const reasons: string[] = []
  for (const name of ['docker', 'podman']) {
    try {
      // Docker's fails if its daemon does not answer.
      await runProgram(name, ['version'])
      return toolNamed(name)
    } catch (error) {
      if (!(error instanceof ProgramFailed)) throw error
      reasons.push(error.message)
    }
  }
  throw new PublishError(`Images are copied with Docker or Podman, and neither works here. ${reasons.join('; ')}.`)
}

export class ProgramFailed extends Error {}

/** Tools print the error last. */
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

/**
 * Runs a program to its end.
 * @param input its standard input; never part of a message.
 * @returns its standard output.
 * @throws {ProgramFailed} with the last line of its output.
 */
export const runProgram = async (program: string, parameters: readonly string[], input = ''): Promise<string> => {
  const running = promisify(execFile)(program, parameters, { maxBuffer: Number.POSITIVE_INFINITY })
  const forget = endWithCommand(() => running.child.kill())
  running.child.once('exit', forget)
  // It may end before it has read everything.
  running.child.stdin?.on('error', () => undefined).end(input)
  const { stdout } = await running.catch(({ code, signal, message, stdout, stderr }) => {
    const isStarted = typeof code !== 'string'
    const how = isStarted
      ? `ended with ${signal ?? code}: ${lastLine(stderr || stdout)}`
      : `could not be started: ${message}`
    throw new ProgramFailed(`${program} ${parameters[0]} ${how}`)
  })
  return stdout
}

/** An error that the person at the terminal can correct; its message is one line. */
export class PublishError extends Error {}
