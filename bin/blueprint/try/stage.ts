import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createContainerRuntime } from '../../../adapters/containers/container-runtime.ts'
import { findEngine } from '../../../adapters/containers/engine.ts'
import { removeContainers } from '../../../adapters/containers/site-containers.ts'
import { requireReach, traitsOf } from '../../../adapters/containers/site-network.ts'
import { createSiteFiles } from '../../../adapters/files/site-files.ts'
import { createSiteStorage, siteUser } from '../../../adapters/files/site-storage.ts'
import { findLeftovers, killLeftover } from '../../../adapters/leftovers/find-leftovers.ts'
import { createProcessRuntime } from '../../../adapters/processes/process-runtime.ts'
import { createLoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Log } from '../../../core/ports/context.ts'
import type { Launch, OneOff, SiteCommands } from '../../../core/ports/runtime.ts'
import type { EndedCommand } from '../../../lambdas/sites/run/run-command.ts'
import { messageOf } from '../../command-line/read-options.ts'
import { endWithCommand } from '../../command-line/run-to-end.ts'
import { BadInput } from '../bad-input.ts'
import { viewContainers, viewProcesses } from './machine-view.ts'

export const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

export const runtimeNames = ['auto', 'containers', 'processes'] as const
export type RuntimeName = (typeof runtimeNames)[number]

/** Runs a command once on a site that is stopped, until it ends. */
export const runUntilEnded = async (runtime: SiteCommands, launch: Launch, run: OneOff): Promise<EndedCommand> => {
  for (;;) {
    const state = await runtime.runOnce(launch, run)
    if (state.state === 'ended') return state
    await pause(100)
  }
}

const noEngine = 'no container engine answers'

const findContainers = async (blueprint: Blueprint) => {
  const engine = await findEngine()
  if (engine === undefined)
    throw new BadInput(`Containers need Docker or Podman, and ${noEngine}: start one, or set DOCKER_HOST.`)
  const traits = await traitsOf(engine)
  requireReach(traits, blueprint)
  return { engine, isHere: traits.isHere }
}

/** @throws {BadInput} if neither runtime can run the blueprint. */
const chooseRuntime = async (blueprint: Blueprint, wanted: RuntimeName) => {
  let why = 'as asked'
  try {
    if (wanted !== 'processes') return await findContainers(blueprint)
  } catch (error) {
    if (wanted === 'containers') throw new BadInput(messageOf(error))
    why = error instanceof BadInput ? noEngine : messageOf(error).replace(/\.$/, '')
  }
  const bare = blueprint.containers.filter(({ process }) => process === undefined).map(({ name }) => `'${name}'`)
  if (bare.length === 0) return { engine: undefined, why }
  throw new BadInput(`Cannot run ${bare.join(', ')} as a plain process without \`process\` in the blueprint: ${why}.`)
}

/**
 * Makes where a throw-away site runs: without an engine as plain processes. Its directories and everything that runs go when it is disposed.
 * @param former a version of the blueprint in another file, whose paths are relative to it.
 * @throws {BadInput} if no runtime can run the blueprint.
 */
export const openStage = async (
  blueprint: Blueprint,
  file: string,
  wanted: RuntimeName,
  former?: { readonly blueprint: Blueprint; readonly file: string },
) => {
  const chosen = await chooseRuntime(blueprint, wanted)
  const { engine } = chosen
  await using opening = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-try-'))
  const removeDirectory = () => rm(directory, { recursive: true, force: true, maxRetries: 3 })
  opening.defer(removeDirectory)
  const homeId = basename(directory)
  const endAll = async (): Promise<void> => {
    if (engine !== undefined) await removeContainers(homeId, engine)
    else await Promise.all((await findLeftovers(homeId, 'site')).map((one) => killLeftover(one)))
  }
  opening.defer(
    endWithCommand(async () => {
      await endAll()
      await removeDirectory()
    }),
  )
  const storage = createSiteStorage({ root: join(directory, 'data') })
  const { directoryOf: dataDirectoryOf, handOver } = storage
  const resolvePath = ({ version }: Blueprint, path: string): string =>
    resolve(dirname(former?.blueprint.version === version ? former.file : file), path)
  const files = createSiteFiles(join(directory, 'files'))
  const ports = createLoopbackPorts({ file: join(directory, 'ports.json') })
  const shared = { homeId, dataDirectoryOf, files, resolvePath, ports, log: quiet }
  const runtime =
    engine === undefined
      ? await createProcessRuntime({ ...shared, logDirectory: join(directory, 'logs') })
      : await createContainerRuntime({ ...shared, engine, userOf: siteUser, handOver })
  opening.defer(async () => {
    const closing = runtime.close()
    // A start may wait for what it has started.
    await endAll().catch(() => undefined)
    await closing
    await endAll()
  })
  const homeDirectory = async () => (await storage.list()).map(({ siteId }) => files.homeOf(siteId))[0]
  const [view, description] =
    chosen.engine === undefined
      ? [viewProcesses({ homeId, directory, blueprint, resolvePath, homeDirectory }), `plain processes (${chosen.why})`]
      : [
          viewContainers(chosen.engine, { homeId, blueprint, isHere: chosen.isHere }),
          `containers, by the engine at ${chosen.engine.address}`,
        ]
  const ended = opening.move()
  const dispose = () => ended.disposeAsync()
  return { runtime, engine, view, description, storage, resolvePath, [Symbol.asyncDispose]: dispose }
}

export type Stage = Awaited<ReturnType<typeof openStage>>
