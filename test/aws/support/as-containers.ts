import { randomBytes, randomInt } from 'node:crypto'
import { chown } from 'node:fs/promises'
import type Docker from 'dockerode'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { isSettled } from '../../../adapters/containers/engine-error.ts'
import { isOfLease, playLease } from './played-lease.ts'
import type { PlayedContainer, RunTask, TaskPlace } from './played-task.ts'

export interface ContainerTasks {
  readonly run: RunTask
  /** An address that no task has had, in a network that is there as long as its task. */
  readonly newHost: () => string
}

/** Seconds between asking a container to end and making it. */
const grace = 1

/** The network of a task: eight addresses, of which the machine has the first and the task the second. */
const subnetOf = (host: string): string => host.replace(/\d+$/, (last) => `${Number(last) - 2}/29`)

const numberIn = (text = '', index: number): number => Number(text.split(':')[index])

const hostConfigOf = (
  container: PlayedContainer,
  { dataDirectory, dataVolume }: TaskPlace,
  networkMode: string,
): Docker.HostConfig => {
  const { mountPoints = [], ulimits = [], linuxParameters = {}, cpu, memory } = container
  const [data, others] = [true, false].map((isData) =>
    mountPoints.filter(({ sourceVolume }) => (sourceVolume === dataVolume) === isData),
  )
  return {
    NetworkMode: networkMode,
    Binds: data!.map(({ containerPath }) => `${dataDirectory}:${containerPath}:z`),
    // With the mode that the image's VOLUME gives it on Fargate.
    Tmpfs: Object.fromEntries(others!.map(({ containerPath }) => [containerPath, 'rw,size=64m,mode=1777'])),
    ReadonlyRootfs: container.readonlyRootFilesystem ?? false,
    CapDrop: [...(linuxParameters.capabilities?.drop ?? [])],
    Init: linuxParameters.initProcessEnabled ?? false,
    Ulimits: ulimits.map(({ name, softLimit, hardLimit }) => ({ Name: name, Soft: softLimit, Hard: hardLimit })),
    ...(cpu === undefined ? {} : { NanoCpus: Math.round((cpu / 1024) * 1e9) }),
    ...(memory === undefined ? {} : { Memory: memory * 1_048_576, MemorySwap: memory * 1_048_576 }),
    RestartPolicy: { Name: 'no' },
  }
}

/**
 * Containers as containers, each from the fields of its definition: user, root, capabilities, limits, mounts, environment. They
 * share one network, as those of a task do, in which the first has the task's address; there is no way out of it.
 * @param options.imageOf the image that stands for one in ECR.
 */
export const asContainers = ({
  engine,
  imageOf,
}: {
  readonly engine: Engine
  readonly imageOf: (image: string) => string
}): ContainerTasks => {
  const docker = engine.calls
  // Somewhere else in each run: what an earlier one left, or another one has, is seldom there.
  let next = randomInt(1 << 16)

  const settle = async (call: Promise<unknown>): Promise<void> => {
    await call.catch((error: unknown) => {
      if (!isSettled(error)) throw error
    })
  }

  const start = async (container: PlayedContainer, place: TaskPlace, network: string, first?: string) => {
    const environment = { ...(await place.environmentOf(container)) }
    const made = await docker.createContainer({
      Image: imageOf(container.image),
      ...(container.command === undefined ? {} : { Cmd: [...container.command] }),
      ...(container.user === undefined ? {} : { User: container.user }),
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      HostConfig: hostConfigOf(container, place, first === undefined ? network : `container:${first}`),
      ...(first === undefined
        ? { NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: place.host } } } } }
        : {}),
    })
    return made.id
  }

  const run: RunTask = async (all, place) => {
    const lease = await playLease(all, place)
    const containers = all.filter((container) => !isOfLease(container))
    const network = `sitewright-task-${randomBytes(6).toString('hex')}`
    const ids: string[] = []
    const clear = async (): Promise<void> => {
      for (const id of ids.toReversed()) {
        await settle(docker.getContainer(id).stop({ t: grace }))
        await settle(docker.getContainer(id).remove({ force: true, v: true }))
      }
      await settle(docker.getNetwork(network).remove())
      await lease?.release()
    }
    // The access point does it for everybody who comes through.
    const owner = containers[0]?.user
    await chown(place.dataDirectory, numberIn(owner, 0), numberIn(owner, 1))
    await docker.createNetwork({
      Name: network,
      Driver: 'bridge',
      Internal: true,
      IPAM: { Config: [{ Subnet: subnetOf(place.host) }] },
    })
    try {
      for (const container of containers) {
        ids.push(await start(container, place, network, ids[0]))
        await docker.getContainer(ids.at(-1)!).start()
      }
    } catch (error) {
      await clear()
      throw error
    }
    const ends = ids.map((id) => engine.streams.getContainer(id).wait())
    for (const end of ends) end.catch(() => undefined)
    return {
      firstEnd: Promise.race([...ends, ...(lease === undefined ? [] : [lease.lost])]).then(
        () => undefined,
        () => undefined,
      ),
      stop: clear,
    }
  }

  return {
    run,
    newHost: () => {
      next = (next + 1) % (1 << 16)
      return `10.${192 + (next >> 13)}.${(next >> 5) & 255}.${(next & 31) * 8 + 2}`
    },
  }
}
