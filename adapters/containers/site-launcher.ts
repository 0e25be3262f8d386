import { stat } from 'node:fs/promises'
import { setTimeout as timer } from 'node:timers/promises'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { awaitedSeconds, endedUnhealthy, notHealthy, startsAfter } from '../../core/blueprint/start-order.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import type { DataHome } from '../../core/site/location.ts'
import { unlessMissing } from '../durable-files/replace-file.ts'
import type { SiteFiles } from '../files/site-files.ts'
import { containerPlace } from '../site-runtime/container-texts.ts'
import { launchDigest } from '../site-runtime/launch-digest.ts'
import type { LoopbackPorts } from '../site-runtime/loopback-ports.ts'
import { bridgeName, guardBridges } from './bridge-guard.ts'
import type { ContainerEnds } from './container-ends.ts'
import { type ContainerPlan, type ContainerSurroundings, planContainers } from './container-plan.ts'
import type { Engine } from './engine.ts'
import { isAddressTaken, isMissingImage, isMissingInit, isTaken, launchFailure } from './engine-error.ts'
import { volumesOf } from './images.ts'
import { networkVersion, type SiteContainers } from './site-containers.ts'
import { requireReach, siteAddress, traitsOf } from './site-network.ts'

/** The host that runs sites as containers. */
export interface ContainerHost {
  readonly engine: Engine
  /** Labels this home's containers and networks. Those with another label belong to another home. */
  readonly homeId: string
  /** The owner of a site's data directories, as whom its containers run, unless its blueprint names one. */
  readonly userOf: (siteId: SiteId) => ContainerSurroundings['user']
  readonly dataDirectoryOf: (home: DataHome) => string
  readonly files: SiteFiles
  /** Called before a site's containers are made, while none of them exists. */
  readonly handOver: (home: DataHome, blueprint: Blueprint) => Promise<void>
  readonly ports: LoopbackPorts
  /** For tests. */
  readonly guard?: () => Promise<string | undefined>
}

/** Milliseconds between two health checks. */
const healthPause = 250

/**
 * Which directory is at a path; undefined if there is none. Containers keep the one that they were started with, also after a backup was
 * restored in its place, or another disk was mounted.
 */
const identityOf = async (directory: string): Promise<string | undefined> => {
  const found = await unlessMissing(stat(directory, { bigint: true }))
  return found && `${found.dev}:${found.ino}`
}

/** One for each thing that a retry can correct: image, port, name, init. */
const attempts = 5

export const createSiteLauncher = async (
  { engine, homeId, userOf, dataDirectoryOf, files, handOver, ports, guard = guardBridges }: ContainerHost,
  containers: SiteContainers,
  provideImages: (blueprint: Blueprint) => Promise<void>,
  ends: Pick<ContainerEnds, 'note'>,
) => {
  const traits = await traitsOf(engine, { guard })
  const { isPodman, bindOptions, ownScratch, userNamespace, runsAs } = traits
  const settingsOf = ({ siteId, blueprint }: Launch) => ({
    homeId,
    user: runsAs ?? blueprint.data.owner ?? userOf(siteId),
    bindOptions,
    ownScratch,
    ...(userNamespace === undefined ? {} : { userNamespace }),
  })
  const surroundingsOf = (launch: Launch): ContainerSurroundings => ({
    ...settingsOf(launch),
    isPodman,
    reach: requireReach(traits, launch.blueprint),
  })
  let init = true

  const startOne = async ({ options }: ContainerPlan): Promise<string> => {
    const id = await containers.create(options)
    await containers.start(id)
    return id
  }

  const whenHealthy = async (
    id: string,
    { container, health }: ContainerPlan,
    { seconds, begunAt }: { readonly seconds: number; readonly begunAt: number },
  ): Promise<void> => {
    if (health === undefined) return
    const givenUpAt = begunAt + seconds * 1000
    while (!(await containers.succeeds(id, health))) {
      // Nothing restarts it meanwhile.
      const exitCode = await containers.exitCodeOf(id)
      if (exitCode !== undefined) throw endedUnhealthy(container.name, exitCode)
      if (performance.now() >= givenUpAt) throw notHealthy(container.name, seconds)
      await timer(healthPause)
    }
  }

  /** Each container starts once those that it waits for are healthy, and the first one has started, whose network it joins. */
  const startInOrder = async (blueprint: Blueprint, plans: readonly ContainerPlan[]) => {
    const [first, ...others] = plans
    if (first === undefined) return []
    const limit = { seconds: awaitedSeconds(blueprint), begunAt: performance.now() }
    const firstId = await startOne(first)
    const healthy = new Map([[first.container.name, whenHealthy(firstId, first, limit)]])
    for (const plan of others) {
      const before = startsAfter(blueprint, plan.container).map((name) => healthy.get(name))
      const begin = async (): Promise<void> => {
        await Promise.all(before)
        await whenHealthy(await startOne(plan), plan, limit)
      }
      healthy.set(plan.container.name, begin())
    }
    return Promise.allSettled(healthy.values())
  }

  const createOnce = async (launch: Launch, digest: string): Promise<void> => {
    const { siteId } = launch
    const port = await ports.claim(siteId)
    const site = {
      port,
      dataDirectory: dataDirectoryOf(launch),
      filesDirectoryOf: (container: string) => files.directoryOf(siteId, port, container),
      // Asked each time: a tag moves.
      volumes: await volumesOf(
        engine,
        launch.blueprint.containers.map(({ image }) => image),
      ),
      digest,
      init,
    }
    const around = surroundingsOf(launch)
    const fileOwner = runsAs === undefined ? around.user : undefined
    await files.write(launch, () => containerPlace(launch.blueprint, port), port, fileOwner)
    const { subnet, gateway } = siteAddress(site.port)
    const plans = planContainers(launch, around, site)
    await containers.makeNetwork(siteId, {
      isPodman,
      isInternal: launch.blueprint.outbound === 'none',
      bridge: bridgeName(site.port),
      ...(around.reach === 'direct' ? { subnet, gateway } : {}),
    })
    const outcomes = await startInOrder(launch.blueprint, plans)
    // Only now, so that nothing is still being made when it is cleared away.
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** Removes the cause of a failure that is ours to remove, or throws. */
  const putRight = async (error: unknown, launch: Launch): Promise<void> => {
    if (isAddressTaken(error)) await ports.release(launch.siteId)
    else if (isMissingImage(error)) await provideImages(launch.blueprint)
    else if (init && isMissingInit(error)) init = false
    // The container was created but the reply was lost; it has been removed by now.
    else if (!isTaken(error)) throw error
  }

  const create = async (launch: Launch, digest: string): Promise<void> => {
    const { siteId, blueprint } = launch
    await handOver(launch, blueprint)
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await createOnce(launch, digest)
      } catch (error) {
        const found = await containers.find(siteId)
        await ends.note(siteId, found)
        await containers.remove(siteId, found)
        try {
          if (attempt === attempts) throw error
          await putRight(error, launch)
        } catch (final) {
          throw launchFailure(final, `start the blueprint '${blueprint.name}' version ${blueprint.version}`)
        }
      }
    }
  }

  const dataOf = (launch: Launch) => identityOf(dataDirectoryOf(launch))

  const digestOf = async (launch: Launch): Promise<string> =>
    launchDigest(launch, {
      ...settingsOf(launch),
      reach: traits.reach[launch.blueprint.outbound],
      networkVersion,
      dataDirectory: dataDirectoryOf(launch),
      data: await dataOf(launch),
    })

  return {
    /** Whether the containers are processes of this machine. */
    isHere: traits.isHere,
    /** Makes containers of a launch, with another digest than the site's own. Throws like `ensure`. */
    create: async (launch: Launch, digest: string): Promise<void> => {
      requireReach(traits, launch.blueprint)
      await create(launch, digest)
    },
    /** Why sites can connect to services of this machine; undefined where they cannot. */
    exposed: traits.exposed,
    /** @throws {SitewrightError} `LaunchFailed` for a blueprint that this engine cannot run as it says. */
    requireRunnable: (blueprint: Blueprint): void => void requireReach(traits, blueprint),
    /** The digest that the containers of a launch are labelled with. */
    digestOf,
    /** Which directory the data of a launch is in now; undefined if there is none. */
    dataOf,
    /**
     * Makes all containers of this launch run, and no others. The caller prevents two calls at once for one site.
     * @returns `runs` where that was so already.
     * @throws {SitewrightError} `LaunchFailed` or `RuntimeUnavailable`, after removing the site's containers where the engine
     *   lets it.
     */
    ensure: async (launch: Launch): Promise<'runs' | 'restarted'> => {
      const { siteId, blueprint } = launch
      const digest = await digestOf(launch)
      const found = await containers.find(siteId)
      try {
        requireReach(traits, blueprint)
      } catch (error) {
        // An engine or a host with other rights may have made them.
        await containers.remove(siteId, found)
        throw error
      }
      const isWhole = found.length === blueprint.containers.length && found.every((one) => one.digest === digest)
      if (isWhole && found.every(({ isRunning }) => isRunning)) return 'runs'
      // If one container has ended, all are replaced: Podman may still clean up after the old ones, and would take restarted
      // ones for ended. A new site has nothing to remove, and checking would take as long as creating a network.
      if (found.length > 0) {
        if (isWhole) await ends.note(siteId, found)
        await containers.remove(siteId, found)
      }
      await create(launch, digest)
      return 'restarted'
    },
  }
}
