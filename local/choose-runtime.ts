import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import {
  type ContainerRuntime,
  type ContainerRuntimeOptions,
  createContainerRuntime,
} from '../adapters/containers/container-runtime.ts'
import { type Engine, engineAt, findEngine } from '../adapters/containers/engine.ts'
import type { PushedImages } from '../adapters/containers/pushed-images.ts'
import { requireReach, traitsOf } from '../adapters/containers/site-network.ts'
import type { BlueprintFiles } from '../adapters/files/blueprint-files.ts'
import { createSiteFiles } from '../adapters/files/site-files.ts'
import { type DirectoryStorage, siteUser } from '../adapters/files/site-storage.ts'
import { sweepLeftovers } from '../adapters/leftovers/find-leftovers.ts'
import { keepDirectories } from '../adapters/processes/kept-directories.ts'
import { createProcessRuntime } from '../adapters/processes/process-runtime.ts'
import { pathInSnapshot, snapshotSoftware } from '../adapters/processes/snapshots.ts'
import { createLoopbackPorts } from '../adapters/site-runtime/loopback-ports.ts'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import { SitewrightError } from '../core/errors.ts'
import type { SiteId } from '../core/ids.ts'
import type { Log } from '../core/ports/context.ts'
import type { SiteCommands, SiteObserver, SiteRuntime } from '../core/ports/runtime.ts'
import type { SiteStore } from '../core/ports/stores.ts'
import type { Endpoint } from '../core/site/site.ts'
import type { BlueprintReader } from '../lambdas/blueprints/ports.ts'
import { type OwnSoftware, siteOfOwnBlueprint } from '../lambdas/deployments/deployment.ts'
import { containerPauses } from './backup/pause-containers.ts'
import { containerTraces } from './home/container-traces.ts'
import type { Home } from './home/open-home.ts'
import { StartUpError } from './home/start-up-error.ts'
import { atMost, restartLimits } from './restart-limits.ts'
import type { Settings } from './settings.ts'

export interface HostRuntime {
  readonly ownSoftware: OwnSoftware
  readonly runtime: SiteRuntime & SiteObserver & SiteCommands & { readonly close: () => Promise<void> }
  /** Builds or pulls a blueprint's images ahead of visitors; absent for processes. */
  readonly provideImages?: ContainerRuntime['provideImages']
  /** A line for the person who started the host. */
  readonly description: string
}

interface RuntimeSurroundings {
  readonly home: Home
  readonly settings: Settings
  readonly storage: DirectoryStorage
  readonly blueprintFiles: BlueprintFiles
  readonly blueprints: Pick<BlueprintReader, 'latest' | 'status'>
  /** Names of the blueprints that visitors can have. */
  readonly offered: readonly string[]
  readonly pushedImages: PushedImages
  /** Where the sites' records say that they are. */
  readonly recorded: ReadonlyMap<SiteId, Endpoint>
  readonly log: Logger
}

const sharedOptions = ({ home, storage, blueprintFiles, recorded, log }: RuntimeSurroundings) => ({
  homeId: home.id,
  dataDirectoryOf: storage.directoryOf,
  files: createSiteFiles(join(home.directories.run, 'files')),
  resolvePath: (blueprint: Blueprint, path: string) => {
    const own = siteOfOwnBlueprint(blueprint.name)
    return own === undefined ? blueprintFiles.resolvePath(blueprint, path) : pathInSnapshot(home.directory, own, path)
  },
  ports: createLoopbackPorts({ file: join(home.directories.run, 'ports.json'), recorded }),
  log,
})

const containerOptions = (around: RuntimeSurroundings, engine: Engine): ContainerRuntimeOptions => ({
  ...sharedOptions(around),
  engine,
  userOf: siteUser,
  loadOwn: around.pushedImages.load,
  handOver: around.storage.handOver,
})

/** Finds the engine to use, and the one where an earlier host recorded this home's sites; that one goes first unless DOCKER_HOST names another. */
const findEngines = async ({ home }: RuntimeSurroundings) => {
  const found = await findEngine()
  // A damaged record names no engine.
  const recorded = await containerTraces(home.directory)
    .engine()
    .catch(() => found?.address)
  const before = recorded === undefined || recorded === found?.address ? found : await engineAt(recorded)
  return { engine: process.env['DOCKER_HOST'] ? found : (before ?? found), before, recorded }
}

/** The file of a socket, which can have several names: Docker's may be a link to Podman's. */
const socketOf = (address: string): Promise<string> => realpath(address.replace('unix://', '')).catch(() => address)

/**
 * Takes this home's containers out of the engine of before, where the host is to use another one: they would share their data.
 * @throws {StartUpError} while that one does not answer.
 */
const leaveEngineOfBefore = async (
  around: RuntimeSurroundings,
  engine: Engine,
  { before, recorded = engine.address }: Awaited<ReturnType<typeof findEngines>>,
): Promise<void> => {
  if ((await socketOf(recorded)) === (await socketOf(engine.address))) return
  if (before !== undefined) return removeContainersOfBefore(around, before)
  throw new StartUpError(
    `sites of this home may still run in the container engine at ${recorded}, which does not answer, while another one answers at ` +
      `${engine.address}; start the former (and set DOCKER_HOST=${engine.address} to move the sites), or delete ` +
      `${containerTraces(around.home.directory).file} if you know that none of them runs`,
  )
}

/** A killed host of this home may have left containers running. */
const removeContainersOfBefore = async (around: RuntimeSurroundings, engine: Engine | undefined): Promise<void> => {
  if (engine === undefined || !containerTraces(around.home.directory).mayBeThere()) return
  const containers = await createContainerRuntime(containerOptions(around, engine))
  await containers.removeOrphans(new Set())
  await containers.close('leave')
  await containerTraces(around.home.directory).clear()
}

/** Containers of an unreachable engine may still run; processes of the same sites would share their data. */
const refuseBesideContainers = async ({ home }: RuntimeSurroundings): Promise<void> => {
  if (!containerTraces(home.directory).mayBeThere()) return
  throw new StartUpError(
    'sites of this home may still run as containers, and their engine does not answer; start the engine, or set ' +
      'SITEWRIGHT_RUNTIME=processes if you know that none of them runs',
  )
}

const openProcesses = async (around: RuntimeSurroundings, why: string): Promise<HostRuntime> => ({
  ownSoftware: snapshotSoftware(around.home.directory),
  runtime: await createProcessRuntime({
    ...sharedOptions(around),
    logDirectory: around.home.directories.logs,
    directoryOf: keepDirectories({ ...around, home: around.home.directory }),
  }),
  description: `processes, WITHOUT isolation: sites can read each other and this machine (${why})`,
})

/**
 * Refuses to start if the engine can run none of the offered blueprints. Others that it cannot run are logged.
 * @throws {SitewrightError} `LaunchFailed`.
 */
const requireRunnable = (around: RuntimeSurroundings, runtime: ContainerRuntime): void => {
  const refused = around.blueprintFiles.blueprints.flatMap((blueprint) => {
    try {
      runtime.requireRunnable(blueprint)
      return []
    } catch (error) {
      if (error instanceof SitewrightError) return [{ name: blueprint.name, error }]
      throw error
    }
  })
  const ofOffered = refused.filter(({ name }) => around.offered.includes(name))
  if (ofOffered[0] !== undefined && ofOffered.length >= around.offered.length) throw ofOffered[0].error
  for (const { name, error } of refused) {
    around.log.warn(
      { event: 'blueprint-not-runnable', blueprint: name, err: error },
      'the engine cannot run a blueprint; its sites do not start',
    )
  }
}

/** @throws {StartUpError} if sites of a public host could reach it. @throws {SitewrightError} if the engine fails, cannot mount their data, or can run none of the offered blueprints. */
const openContainers = async (around: RuntimeSurroundings, engine: Engine): Promise<HostRuntime> => {
  const { directory } = around.home
  if (directory.includes(':')) {
    throw new SitewrightError(
      'LaunchFailed',
      `container engines cannot mount what is in ${directory}, whose path has a colon; move it, or set SITEWRIGHT_HOME to another directory`,
    )
  }
  await sweepLeftovers({ homeId: around.home.id, grace: 5000, log: around.log })
  const traces = containerTraces(directory)
  const runtime = await createContainerRuntime(containerOptions(around, engine))
  const { exposed } = runtime
  try {
    if (around.settings.isPublic && exposed !== undefined) {
      throw new StartUpError(
        `sites could connect to services of this machine: ${exposed}; a public host needs Docker or Podman as root on this machine, ` +
          'root, and iptables',
      )
    }
    await traces.leave(engine.address)
    requireRunnable(around, runtime)
  } catch (error) {
    await runtime.close('leave')
    throw error
  }
  const pauses = containerPauses(engine, around.home.id)
  return {
    runtime: {
      ...runtime,
      list: async () => {
        await pauses.resumeLeft(directory).catch((error: unknown) => {
          around.log.warn({ err: error }, 'sites that a backup left paused could not be resumed')
        })
        return runtime.list()
      },
      close: async () => {
        // Routers of their own serve the sites meanwhile, and the next host adopts them.
        if (around.settings.routers === 'service') return atMost(restartLimits.startsEnd, runtime.close('leave'))
        await runtime.close('remove')
        await traces.clear()
      },
    },
    ownSoftware: around.pushedImages.software(engine),
    provideImages: runtime.provideImages,
    description:
      `containers, by the engine at ${engine.address}${process.getuid?.() === 0 ? '' : ', all sites as this user'}` +
      (exposed === undefined ? '' : `, OPEN to services of this machine (${exposed})`),
  }
}

/** Uses the engine that answers. Without it, sites would silently lose their isolation. */
const requireContainers = async (around: RuntimeSurroundings, engine: Engine): Promise<HostRuntime> => {
  try {
    return await openContainers(around, engine)
  } catch (error) {
    if (!(error instanceof SitewrightError)) throw error
    const { runtime, isPublic } = around.settings
    const mayDoWithout = runtime === 'auto' && !isPublic
    throw new StartUpError(
      `sites cannot run as containers: ${error.message.replace(/\.$/, '')}` +
        (error.kind === 'RuntimeUnavailable' ? '; check the engine and start again' : '') +
        (mayDoWithout ? '; or set SITEWRIGHT_RUNTIME=processes to run sites WITHOUT isolation' : ''),
    )
  }
}

/**
 * The reason why an engine cannot run sites of any offered blueprint; undefined if it can, or fails. If it cannot run one of several, that one
 * is unavailable, and the others stay isolated.
 */
const cannotHold = async (around: RuntimeSurroundings, engine: Engine): Promise<string | undefined> => {
  const traits = await traitsOf(engine).catch(() => undefined)
  if (traits === undefined) return undefined
  const offered = around.blueprintFiles.blueprints.filter(({ name }) => around.offered.includes(name))
  const reasons = offered.flatMap((blueprint) => {
    try {
      requireReach(traits, blueprint)
      return []
    } catch (error) {
      return [error instanceof Error ? error.message.replace(/\.$/, '') : String(error)]
    }
  })
  return reasons.length === offered.length ? reasons[0] : undefined
}

const noEngine = 'no container engine answers; start Docker or Podman, or point DOCKER_HOST to one'

/**
 * Opens the runtime of the settings. With `auto`, these are containers if an engine answers that can run sites of an offered blueprint,
 * otherwise processes.
 * @throws {StartUpError} if it is not available or not allowed: plain processes never serve the public.
 */
export const chooseRuntime = async (around: RuntimeSurroundings): Promise<HostRuntime> => {
  const { runtime, isPublic } = around.settings
  if (isPublic && runtime === 'processes') {
    throw new StartUpError('processes have no isolation and cannot serve the public; set SITEWRIGHT_RUNTIME=containers')
  }
  const engines = await findEngines(around)
  const { engine, before } = engines
  if (runtime === 'processes') {
    await removeContainersOfBefore(around, before)
    return openProcesses(around, 'set by SITEWRIGHT_RUNTIME')
  }
  if (engine !== undefined) {
    await leaveEngineOfBefore(around, engine, engines)
    // A host that serves the public, or was told to use containers, refuses to start instead.
    const reason = runtime === 'auto' && !isPublic ? await cannotHold(around, engine) : undefined
    if (reason === undefined) return requireContainers(around, engine)
    await removeContainersOfBefore(around, engine)
    return openProcesses(around, reason)
  }
  if (runtime === 'containers' || isPublic) throw new StartUpError(`sites cannot run as containers: ${noEngine}`)
  await refuseBesideContainers(around)
  return openProcesses(around, noEngine)
}

interface OrphanRemoval {
  readonly runtime: Pick<SiteRuntime, 'list' | 'remove'>
  readonly sites: Pick<SiteStore, 'get'>
  readonly log: Pick<Log, 'warn'>
}

/**
 * Removes running sites without a record, which an earlier host of this home left. Their data stays. A failure does not stop
 * the start; the cleanup finds the leftovers later.
 */
export const removeOrphans = async ({ runtime, sites, log }: OrphanRemoval): Promise<void> => {
  try {
    for (const place of await runtime.list()) {
      const { siteId } = place
      if ((await sites.get(siteId)) !== undefined) continue
      log.warn({ siteId }, 'removing a running site without a record, left by an earlier host')
      await runtime.remove(place)
    }
  } catch (error) {
    log.warn({ err: error }, 'running sites of an earlier host could not be removed')
  }
}
