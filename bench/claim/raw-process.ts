import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { childCommands } from '../../adapters/processes/child.ts'
import type { RawPlace, RawStart } from './raw-start.ts'
import { rawUrl } from './raw-start.ts'

/** The same command with the same environment as the processes runtime uses, and nothing around it. */
export const rawProcess = (homeId: string, place: RawPlace): RawStart => {
  const { launch, port, dataDirectory, resolvePath } = place
  const commands = childCommands(launch, {
    homeId,
    dataDirectory,
    port,
    resolvePath: (_blueprint, path) => resolvePath(path),
  })
  let children: readonly ChildProcess[] = []
  return {
    url: rawUrl(place),
    begin: async () => {
      children = commands.map(({ file, args, directory, environment }) =>
        spawn(file, args, { cwd: directory, env: environment, stdio: 'ignore' }),
      )
    },
    end: async () => {
      await Promise.all(
        children.map(async (child) => {
          const ended = once(child, 'exit')
          child.kill('SIGKILL')
          await ended
        }),
      )
    },
  }
}
