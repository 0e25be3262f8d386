import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createContainerRuntime } from '../../../adapters/containers/container-runtime.ts'
import { type Engine, findEngine } from '../../../adapters/containers/engine.ts'
import { removeContainers } from '../../../adapters/containers/site-containers.ts'
import { requireReach, traitsOf } from '../../../adapters/containers/site-network.ts'
import { createSiteFiles } from '../../../adapters/files/site-files.ts'
import { createSiteStorage, type DirectoryStorage, siteUser } from '../../../adapters/files/site-storage.ts'
import { findLeftovers, killLeftover } from '../../../adapters/leftovers/find-leftovers.ts'
import { createProcessRuntime } from '../../../adapters/processes/process-runtime.ts'
import { createLoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Log } from '../../../core/ports/context.ts'
import type { Launch, OneOff, SiteCommands, SiteObserver, SiteRuntime } from '../../../core/ports/runtime.ts'
import type { EndedCommand } from '../../../lambdas/sites/run/run-command.ts'
import { messageOf } from '../../command-line/read-options.ts'
import { endWithCommand } from '../../command-line/run-to-end.ts'
import { BadInput } from '../bad-input.ts'
import { type MachineView, viewContainers, viewProcesses } from './machine-view.ts'

export const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

export const runtimeNames = ['auto', 'containers', 'processes'] as const
export type RuntimeName = (typeof runtimeNames)[number]

/** Where the throw-away site runs. Its directories and everything that runs go when it is disposed. */
export interface Stage extends AsyncDisposable {
  readonly runtime: SiteRuntime & SiteCommands & SiteObserver
  readonly storage: DirectoryStorage
  readonly view: MachineView
  /** Absent with plain processes. */
  readonly engine?: Engine
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  readonly description: string
}

/** Runs a command once on a site that is stopped, until it ends. */
export const runUntilEnded = async (runtime: SiteCommands, launch: Launch, run: OneOff): Promise<EndedCommand> => {
  for (;;) {
    const state = await runtime.runOnce(launch, run)
    if (state.state === 'ended') return state
    await pause(100)
  }
}

type Chosen =
  | { readonly engine: Engine; readonly isHere: boolean }
  | { readonly engine: undefined; readonly why: string }

const noEngine = 'no container engine answers'

/** @throws {BadInput} if neither runtime can run the blueprint. */
const chooseRuntime = async (blueprint: Blueprint, wanted: RuntimeName): Promise<Chosen> => {
  const bare = blueprint.containers.filter(({ process }) => process === undefined).map(({ name }) => `'${name}'`)
  const processes = (why: string): Chosen => {
    if (bare.length === 0) return { engine: undefined, why }
    throw new BadInput(`Cannot run ${bare.join(', ')} as a plain process without \`process\` in the blueprint: ${why}.`)
  }
  if (wanted === 'processes') return processes('as asked')
  const engine = await findEngine()
  if (engine === undefined) {
    if (wanted === 'auto') return processes(noEngine)
    throw new BadInput(`Containers need Docker or Podman, and ${noEngine}: start one, or set DOCKER_HOST.`)
  }
  try {
    const traits = await traitsOf(engine)
    requireReach(traits, blueprint)
    return { engine, isHere: traits.isHere }
  } catch (error) {
    if (wanted === 'auto') return processes(messageOf(error).replace(/\.$/, ''))
    throw new BadInput(messageOf(error))
  }
}

/**
 * @param former a version of the blueprint in another file, whose paths are relative to it.
 * @throws {BadInput} if no runtime can run the blueprint.
 */
export const openStage = async (
  blueprint: Blueprint,
  file: string,
  wanted: RuntimeName,
  former?: { readonly blueprint: Blueprint; readonly file: string },
): Promise<Stage> => {
  const chosen = await chooseRuntime(blueprint, wanted)
  await using opening = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-try-'))
  opening.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
  const homeId = basename(directory)
  opening.defer(
    endWithCommand(async () => {
      await Promise.all((await findLeftovers(homeId, 'site')).map((one) => killLeftover(one)))
      if (chosen.engine !== undefined) await removeContainers(homeId, chosen.engine)
      await rm(directory, { recursive: true, force: true })
    }),
  )
  const storage = createSiteStorage({ root: join(directory, 'data') })
  const resolvePath = ({ version }: Blueprint, path: string): string =>
    resolve(dirname(former?.blueprint.version === version ? former.file : file), path)
  const shared = {
    homeId,
    dataDirectoryOf: storage.directoryOf,
    files: createSiteFiles(join(directory, 'files')),
    resolvePath,
    ports: createLoopbackPorts({ file: join(directory, 'ports.json') }),
    log: quiet,
  }
  const homeDirectory = async (): Promise<string | undefined> =>
    (await storage.list()).map(({ siteId }) => shared.files.homeOf(siteId))[0]
  const opened = async (): Promise<Pick<Stage, 'runtime' | 'view' | 'engine' | 'description'>> => {
    if (chosen.engine === undefined) {
      const runtime = await createProcessRuntime({ ...shared, logDirectory: join(directory, 'logs') })
      opening.defer(async () => {
        const closing = runtime.close()
        // A start may wait for what it has started.
        await Promise.all((await findLeftovers(homeId, 'site')).map((one) => killLeftover(one)))
        await closing
      })
      const view = viewProcesses({ homeId, directory, blueprint, resolvePath, homeDirectory })
      return { runtime, view, description: `plain processes (${chosen.why})` }
    }
    const { engine, isHere } = chosen
    const { handOver } = storage
    const runtime = await createContainerRuntime({ ...shared, engine, userOf: siteUser, handOver })
    opening.defer(async () => {
      const closing = runtime.close()
      await removeContainers(homeId, engine).catch(() => undefined)
      await closing
      await removeContainers(homeId, engine)
    })
    const view = viewContainers(engine, { homeId, blueprint, isHere })
    return { runtime, view, engine, description: `containers, by the engine at ${engine.address}` }
  }
  const parts = await opened()
  const ended = opening.move()
  return { ...parts, storage, resolvePath, [Symbol.asyncDispose]: () => ended.disposeAsync() }
}
