import { PublishError } from './publish-error.ts'
import { ProgramFailed, runProgram } from './run-program.ts'

/** What images are copied with: Docker's command line or Podman's, which take the same words. */
export interface ContainerTool {
  readonly name: string
  readonly login: (registry: string, user: string, password: string) => Promise<void>
  /** Fetches an image for a platform such as `linux/arm64`. */
  readonly pull: (image: string, platform: string) => Promise<void>
  /** The processor that a fetched image is made for, such as `arm64`. */
  readonly architectureOf: (image: string) => Promise<string>
  readonly tag: (image: string, name: string) => Promise<void>
  readonly push: (name: string) => Promise<void>
}

const toolNamed = (name: string): ContainerTool => {
  const run = async (...parameters: readonly string[]): Promise<void> => {
    await runProgram(name, parameters)
  }
  return {
    name,
    login: async (registry, user, password) => {
      // On the command line, every process of the machine could read it.
      await runProgram(name, ['login', '--username', user, '--password-stdin', registry], password)
    },
    pull: (image, platform) => run('pull', '--platform', platform, image),
    architectureOf: async (image) =>
      (await runProgram(name, ['image', 'inspect', '--format', '{{.Architecture}}', image])).trim(),
    tag: (image, target) => run('tag', image, target),
    push: (target) => run('push', target),
  }
}

/** @throws {PublishError} where neither tool is there and works. */
export const findContainerTool = async (): Promise<ContainerTool> => {
  const reasons: string[] = []
  for (const name of ['docker', 'podman']) {
    try {
      // Docker's own fails where its daemon does not answer.
      await runProgram(name, ['version'])
      return toolNamed(name)
    } catch (error) {
      if (!(error instanceof ProgramFailed)) throw error
      reasons.push(error.message)
    }
  }
  throw new PublishError(`Images are copied with Docker or Podman, and neither works here. ${reasons.join('; ')}.`)
}
