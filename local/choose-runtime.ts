import { join } from 'node:path'
import type { Logger } from 'pino'
import type { ContainerRuntime, ContainerRuntimeOptions } from '../adapters/containers/container-runtime.ts'
import { createContainerRuntime } from '../adapters/containers/container-runtime.ts'
import type { Engine } from '../adapters/containers/engine.ts'
import { findEngine } from '../adapters/containers/engine.ts'
import type { BlueprintFiles } from '../adapters/files/blueprint-files.ts'
import type { DirectoryStorage } from '../adapters/files/site-storage.ts'
import { siteUser } from '../adapters/files/site-storage.ts'
import { sweepLeftovers } from '../adapters/leftovers/find-leftovers.ts'
import { createProcessRuntime } from '../adapters/processes/process-runtime.ts'
import { createLoopbackPorts } from '../adapters/site-runtime/loopback-ports.ts'
import { SitewrightError } from '../core/errors.ts'
import type { SiteRuntime } from '../core/ports/runtime.ts'

import { containerTraces } from './container-traces.ts'
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
  /** Names of the blueprints that visitors can have. */
  readonly offeredBlueprints: readonly string[]
  readonly log: Logger
}

const sharedOptions = ({ home, storage, blueprintFiles, log }: RuntimeSurroundings) => ({
  homeId: home.id,
  dataDirectoryOf: storage.directoryOf,
  resolvePath: blueprintFiles.resolvePath,
  ports: createLoopbackPorts({ file: join(home.directories.run, 'ports.json') }),
  log,
})

const containerOptions = (around: RuntimeSurroundings, engine: Engine): ContainerRuntimeOptions => ({
  ...sharedOptions(around),
  engine,
  user: siteUser(),
  handOver: around.storage.handOver,
})

/** An earlier, killed host of this home may have run its sites as containers. */
const removeContainersOfBefore = async (around: RuntimeSurroundings, engine: Engine | undefined): Promise<void> => {
  if (engine === undefined || !(await containerTraces(around.home).mayBeThere())) return
  const containers = await createContainerRuntime(containerOptions(around, engine))
  await containers.removeOrphans(new Set())
  await containers.close('leave')
  await containerTraces(around.home).clear()
}

/** An engine that is away may have left its containers running: the same sites as processes would share their data. */
const refuseBesideContainers = async ({ home }: RuntimeSurroundings): Promise<void> => {
  if (!(await containerTraces(home).mayBeThere())) return
  throw new StartUpError(
    'sites of this home may still run as containers, and their engine does not answer; start the engine, or set ' +
      'SITEWRIGHT_RUNTIME=processes if you know that none of them runs',
  )
}

const openProcesses = async (around: RuntimeSurroundings, why: string): Promise<HostRuntime> => ({
  runtime: await createProcessRuntime({ ...sharedOptions(around), logDirectory: around.home.directories.logs }),
  description: `processes, WITHOUT isolation: sites can read each other and this machine (${why})`,
})

/**
 * So that no visitor waits for an image. What no visitor can ask for keeps nobody from starting: sites that have it still
 * look for it when they are started.
 */
const provideImages = async (around: RuntimeSurroundings, runtime: ContainerRuntime): Promise<void> => {
  for (const blueprint of around.blueprintFiles.blueprints) {
    try {
      await runtime.provideImages(blueprint)
    } catch (error) {
      if (!(error instanceof SitewrightError) || around.offeredBlueprints.includes(blueprint.name)) throw error
      const message = 'a blueprint that is not offered has an image that cannot be had; its sites may not start'
      around.log.warn({ event: 'image-unavailable', blueprint: blueprint.name, err: error }, message)
    }
  }
}

/** @throws {SitewrightError} where the engine does not do its part, or an image that is offered cannot be had. */
const openContainers = async (around: RuntimeSurroundings, engine: Engine): Promise<HostRuntime> => {
  await sweepLeftovers({ homeId: around.home.id, grace: 5000, log: around.log })
  const traces = containerTraces(around.home)
  const runtime = await createContainerRuntime(containerOptions(around, engine))
  try {
    await traces.leave()
    await provideImages(around, runtime)
  } catch (error) {
    await runtime.close('leave')
    throw error
  }
  return {
    runtime: {
      ...runtime,
      close: async () => {
        await runtime.close('remove')
        await traces.clear()
      },
    },
    description: `containers, by the engine at ${engine.address}`,
  }
}

/** An engine that answers is the one to use: to do without it would take sites' isolation away unasked. */
const requireContainers = async (around: RuntimeSurroundings, engine: Engine): Promise<HostRuntime> => {
  try {
    return await openContainers(around, engine)
  } catch (error) {
    if (!(error instanceof SitewrightError)) throw error
    const { runtime, isPublic } = around.settings
    const mayDoWithout = runtime === 'auto' && !isPublic
    throw new StartUpError(
      `sites cannot run as containers: ${error.message.replace(/\.$/, '')}` +
        (error.kind === 'RuntimeUnavailable' ? '; see to the engine and start again' : '') +
        (mayDoWithout ? '; or set SITEWRIGHT_RUNTIME=processes to run sites WITHOUT isolation' : ''),
    )
  }
}

const noEngine = 'no container engine answers; start Docker or Podman, or point DOCKER_HOST to one'

/**
 * The runtime that the settings ask for; with `auto`, containers where an engine answers, and else processes.
 * @throws {StartUpError} where it is not to be had, or not to be used: plain processes never serve the public.
 */
export const chooseRuntime = async (around: RuntimeSurroundings): Promise<HostRuntime> => {
  const { runtime, isPublic } = around.settings
  if (isPublic && runtime === 'processes') {
    throw new StartUpError('processes have no isolation and cannot serve the public; set SITEWRIGHT_RUNTIME=containers')
  }
  const engine = await findEngine()
  if (runtime === 'processes') {
    await removeContainersOfBefore(around, engine)
    return openProcesses(around, 'asked for by SITEWRIGHT_RUNTIME')
  }
  if (engine !== undefined) return requireContainers(around, engine)
  if (runtime === 'containers' || isPublic) throw new StartUpError(`sites cannot run as containers: ${noEngine}`)
  await refuseBesideContainers(around)
  return openProcesses(around, noEngine)
}
