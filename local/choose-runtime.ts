import { join } from 'node:path'
import type { Logger } from 'pino'
import type { DirectoryStorage } from '../adapters/files/site-storage.ts'
import { createProcessRuntime } from '../adapters/processes/process-runtime.ts'
import { createLoopbackPorts } from '../adapters/site-runtime/loopback-ports.ts'
import type { SiteRuntime } from '../core/ports/runtime.ts'
import type { BlueprintFiles } from './blueprint-files.ts'
import type { Home } from './home/open-home.ts'
import { StartUpError } from './home/start-up-error.ts'
import type { Settings } from './settings.ts'

export interface HostRuntime {
  readonly runtime: SiteRuntime & { readonly close: () => Promise<void> }
  /** A line for the person who started the host. */
  readonly description: string
}

export interface RuntimeSurroundings {
  readonly home: Home
  readonly settings: Settings
  readonly storage: DirectoryStorage
  readonly blueprintFiles: BlueprintFiles
  readonly log: Logger
}

const openProcesses = async ({ home, storage, blueprintFiles, log }: RuntimeSurroundings): Promise<HostRuntime> => ({
  runtime: await createProcessRuntime({
    homeId: home.id,
    logDirectory: home.directories.logs,
    dataDirectoryOf: storage.directoryOf,
    resolvePath: blueprintFiles.resolvePath,
    ports: createLoopbackPorts({ file: join(home.directories.run, 'ports.json') }),
    log,
  }),
  description: 'processes, WITHOUT isolation: sites can read each other and this machine. For trying out only',
})

/**
 * The runtime that the settings ask for or, with `auto`, the best one there is.
 * @throws {StartUpError} where it is not to be had, or not to be used: plain processes never serve the public.
 */
export const chooseRuntime = async (around: RuntimeSurroundings): Promise<HostRuntime> => {
  const { settings } = around
  if (settings.isPublic) {
    throw new StartUpError('processes have no isolation and cannot serve the public; start Docker or Podman')
  }
  return openProcesses(around)
}
