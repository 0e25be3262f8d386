import { setTimeout as timer } from 'node:timers/promises'
import type Docker from 'dockerode'
import * as z from 'zod'
import { longestStopSeconds } from '../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Engine } from './engine.ts'
import {
  engineUnavailable,
  isInUse,
  isJustEnding,
  isOutOfSubnets,
  isSettled,
  isTaken,
  refusalOf,
} from './engine-error.ts'
import { isRunningState, label, siteName, siteOf, spareSubnet } from './site-network.ts'

/** Increase it with every change of how networks are made: containers on a network of an older version are replaced. */
export const networkVersion = 2

/** How a site's network is made. */
export interface SiteNetwork {
  readonly isPodman: boolean
  /** Without a way out. */
  readonly isInternal: boolean
  readonly bridge: string
  /** Absent for one of the engine's choice. */
  readonly subnet?: string
  /** This host's address in it. */
  readonly gateway?: string
}

/** How long a health check may take, in milliseconds. */
const checkTime = 5000

/** For the engine's own work, after the time that a container gets. */
const stopReserveSeconds = 30

/** One container as the engine lists it. */
export interface FoundContainer {
  readonly id: string
  readonly siteId: SiteId
  /** Whose data it has. */
  readonly cell: string
  /** Its name in the blueprint. */
  readonly container: string
  readonly digest: string
  readonly isFirst: boolean
  /** How long it gets to end by itself. */
  readonly stopSeconds: number
  readonly isRunning: boolean
  /** A backup has stopped it for a moment. */
  readonly isPaused: boolean
}

/**
 * The engine's calls on the containers and the network of a site. Every call may be repeated.
 * @param maxStopSeconds that a container gets to end by itself, whatever its blueprint says.
 */
export const siteContainers = (
  { calls: docker, streams }: Engine,
  homeId: string,
  maxStopSeconds = longestStopSeconds,
) => {
  const ofThisHome = `${label.home}=${homeId}`

  /** Carries out a call whose effect may be there already. */
  const settle = async (doing: string, call: () => Promise<unknown>): Promise<void> => {
    try {
      await call()
    } catch (error) {
      if (!isSettled(error)) throw engineUnavailable(error, doing)
    }
  }

  const makeNetwork = async (
    siteId: SiteId,
    { isPodman, isInternal, bridge, subnet, gateway }: SiteNetwork,
  ): Promise<void> => {
    const labels = { [label.home]: homeId, [label.site]: siteId }
    if (isPodman) {
      await askPodman(docker, 'create', 'POST', {
        name: siteName(siteId),
        driver: 'bridge',
        internal: isInternal,
        network_interface: bridge,
        // Its resolver answers from this machine, also to sites without a way out.
        dns_enabled: false,
        options: { isolate: 'true' },
        labels,
        ...(subnet === undefined ? {} : { subnets: [{ subnet, ...(gateway === undefined ? {} : { gateway }) }] }),
      })
      return
    }
    await docker.createNetwork({
      Name: siteName(siteId),
      Driver: 'bridge',
      Internal: isInternal,
      CheckDuplicate: true,
      Labels: labels,
      Options: { 'com.docker.network.bridge.name': bridge },
      ...(subnet === undefined ? {} : { IPAM: { Config: [{ Subnet: subnet }] } }),
    })
  }

  const stopOne = ({ id, stopSeconds }: FoundContainer): Promise<void> =>
    settle('stop a container', () => {
      const t = Math.min(stopSeconds, maxStopSeconds)
      return streams.getContainer(id).stop({ t, abortSignal: AbortSignal.timeout((t + stopReserveSeconds) * 1000) })
    })

  const removeOne = async (found: FoundContainer): Promise<void> => {
    const { id, isRunning, isPaused } = found
    if (isPaused) await settle('resume a container', () => docker.getContainer(id).unpause())
    if (isRunning) await stopOne(found)
    await settle('remove a container', () => docker.getContainer(id).remove({ force: true, v: true }))
  }

  /** What a crash of Docker, or of the machine, left of containers that are gone keeps their network in use. */
  const disconnectLeft = async (network: Docker.Network): Promise<void> => {
    const { Containers } = networkSchema.parse(await network.inspect())
    for (const { Name } of Object.values(Containers ?? {}))
      await settle('disconnect a container', () => network.disconnect({ Container: Name, Force: true }))
  }

  /** Call it once the containers of the site are gone. */
  const removeNetwork = (siteId: SiteId): Promise<void> =>
    settle('remove a network', async () => {
      const network = docker.getNetwork(siteName(siteId))
      await network.remove().catch(async (error: unknown) => {
        if (!isInUse(error)) throw error
        await disconnectLeft(network)
        await network.remove()
      })
    })

  return {
    /** All containers of this home, or of one of its sites, in any state. */
    find: async (siteId?: SiteId): Promise<readonly FoundContainer[]> => {
      const filters = { label: siteId === undefined ? [ofThisHome] : [ofThisHome, `${label.site}=${siteId}`] }
      const list = () => docker.listContainers({ all: true, filters })
      const again = (error: unknown) => (isJustEnding(error) ? list() : Promise.reject(error))
      // Seldom does another one end meanwhile.
      const listed = await list()
        .catch(again)
        .catch(again)
        .catch((error: unknown) => {
          throw engineUnavailable(error, 'list containers')
        })
      return listed.flatMap(({ Id, Names, Labels, State }) => {
        const owner = siteOf(Labels)
        if (owner === undefined) return []
        const isFirst = Names.includes(`/${siteName(owner)}`)
        return [
          {
            id: Id,
            siteId: owner,
            cell: Labels[label.cell] ?? '',
            container: Labels[label.container] ?? '',
            digest: Labels[label.digest] ?? '',
            isFirst,
            stopSeconds: Number(Labels[label.stopSeconds]),
            isRunning: isRunningState(State),
            isPaused: State === 'paused',
          },
        ]
      })
    },
    /** The sites of this home that have a network, even if nothing else is left of them. */
    findNetworks: async (): Promise<readonly SiteId[]> => {
      const networks = await labelledNetworks(docker, ofThisHome).catch((error: unknown) => {
        throw engineUnavailable(error, 'list networks')
      })
      return networks.flatMap((labels) => siteOf(labels) ?? [])
    },
    /** Makes the network of a site without containers, again where it exists. */
    makeNetwork: async (siteId: SiteId, network: SiteNetwork): Promise<void> => {
      const make = (): Promise<void> =>
        makeNetwork(siteId, network).catch((error: unknown) => {
          if (!isOutOfSubnets(error)) throw error
          return makeNetwork(siteId, { ...network, subnet: spareSubnet() })
        })
      try {
        await make().catch(async (error: unknown) => {
          if (!isTaken(error)) throw error
          // A start that was cut off may have left it with the addresses of another port.
          await removeNetwork(siteId)
          await make()
        })
      } catch (error) {
        throw engineUnavailable(error, 'create a network')
      }
    },
    create: async (options: Docker.ContainerCreateOptions): Promise<string> =>
      (await docker.createContainer(options)).id,
    start: async (id: string): Promise<void> => {
      try {
        await docker.getContainer(id).start()
      } catch (error) {
        if (refusalOf(error).status !== 304) throw error
      }
    },
    /** The exit code of a container; undefined while it runs. */
    exitCodeOf: async (id: string): Promise<number | undefined> => {
      const { State } = await docker.getContainer(id).inspect()
      return isRunningState(State.Status) ? undefined : State.ExitCode
    },
    /** Runs a command in a container. @returns whether it succeeded in time. */
    succeeds: async (id: string, command: readonly string[]): Promise<boolean> => {
      try {
        // Attached, because Podman does not notice the end of a detached command.
        const run = await docker.getContainer(id).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true })
        const output = await run.start({})
        output.resume()
        for (const givenUpAt = performance.now() + checkTime; performance.now() < givenUpAt; await timer(50)) {
          const { Running, ExitCode } = await run.inspect()
          if (!Running) return ExitCode === 0
        }
        output.destroy()
      } catch (error) {
        // It does not run yet, or has ended.
        if (refusalOf(error).status === 0) throw error
      }
      return false
    },
    /** Stops these containers, which stay for inspection. */
    end: async (found: readonly FoundContainer[]): Promise<void> => {
      await Promise.all(found.map(stopOne))
    },
    /** Removes these containers, the owner of the network last, and then the network. Running ones get the grace time to end. */
    remove: async (siteId: SiteId, found: readonly FoundContainer[]): Promise<void> => {
      await Promise.all(found.filter(({ isFirst }) => !isFirst).map(removeOne))
      await Promise.all(found.filter(({ isFirst }) => isFirst).map(removeOne))
      await removeNetwork(siteId)
    },
  }
}

export type SiteContainers = ReturnType<typeof siteContainers>

const networkSchema = z.object({ Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish() })

type Labels = Readonly<Record<string, string>>

/** Calls Podman's own API for networks. */
const askPodman = (docker: Docker, path: string, method: 'GET' | 'POST', options: object): Promise<unknown> => {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  docker.modem.dial(
    {
      path: `/v4.0.0/libpod/networks/${path}`,
      method,
      options,
      statusCodes: { 200: true, 404: 'no such path', 409: 'conflict', 500: 'server error' },
    },
    (error, result) => (error === null ? resolve(result) : reject(error)),
  )
  return promise
}

const podmanSchema = z.array(z.object({ labels: z.record(z.string(), z.string()).nullish() }))

/** Podman's answer to Docker's question takes 15 s with a hundred sites, where this takes 60 ms. */
const listOfPodman = async (docker: Docker, filters: object): Promise<readonly Labels[]> => {
  const options = { _query: { filters: JSON.stringify(filters) } }
  return podmanSchema.parse(await askPodman(docker, 'json?', 'GET', options)).map(({ labels }) => labels ?? {})
}

const askDocker = async (docker: Docker, filters: { label: string[] }): Promise<readonly Labels[]> =>
  (await docker.listNetworks({ filters })).map(({ Labels }) => Labels ?? {})

/** The labels of every network that has this one, which is `name=value`. Fails as the engine does. */
const labelledNetworks = async (docker: Docker, label: string): Promise<readonly Labels[]> => {
  const filters = { label: [label] }
  try {
    return await listOfPodman(docker, filters)
  } catch (error) {
    if (refusalOf(error).status === 0) throw error
    return askDocker(docker, filters)
  }
}

/** For containers that nobody waits for. */
const graceSeconds = 2

/** Removes a home's remaining containers, for a home that no host will use again. */
export const removeContainers = async (homeId: string, engine: Engine): Promise<void> => {
  const containers = siteContainers(engine, homeId, graceSeconds)
  const found = await containers.find()
  for (const siteId of new Set([...found.map((container) => container.siteId), ...(await containers.findNetworks())])) {
    await containers.remove(
      siteId,
      found.filter((container) => container.siteId === siteId),
    )
  }
}
