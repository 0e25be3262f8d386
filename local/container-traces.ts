import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../adapters/durable-files/replace-file.ts'
import type { Home } from './home/open-home.ts'

/** Whether sites of this home may run as containers, known without asking the engine. */
export interface ContainerTraces {
  /** From here on they may. */
  readonly leave: () => Promise<void>
  readonly mayBeThere: () => Promise<boolean>
  /** All containers of this home are known to be gone. */
  readonly clear: () => Promise<void>
}

export const containerTraces = (home: Pick<Home, 'directories'>): ContainerTraces => {
  const file = join(home.directories.run, 'containers.json')
  return {
    leave: () => replaceFile(file, '{}\n'),
    mayBeThere: () =>
      stat(file).then(
        () => true,
        () => false,
      ),
    clear: () => rm(file, { force: true }),
  }
}
