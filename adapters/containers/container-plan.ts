import type Docker from 'dockerode'
import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerEnvironment } from '../site-runtime/launch-digest.ts'
import type { EngineTraits, Reach } from './site-network.ts'
import { containerName, label, siteAddress, siteName } from './site-network.ts'

/** How the engine and this host run the containers of a site. */
export interface ContainerSurroundings extends Pick<EngineTraits, 'userNamespace' | 'bindOptions'> {
  readonly reach: Reach
  readonly homeId: string
  readonly user: { readonly uid: number; readonly gid: number }
}

export interface ContainerPlan {
  readonly name: string
  readonly container: BlueprintContainer
  readonly options: Docker.ContainerCreateOptions
}

const mebibyte = 1_048_576

/** Soft and hard alike, and named at all because an engine's own defaults exceed what some machines allow. */
const limit = (Name: string, value: number): Docker.Ulimit => ({ Name, Soft: value, Hard: value })

/** The container's part of the site's size. */
const sizeOf = (container: BlueprintContainer, { size, blueprint }: Launch) => {
  const part = container.share / blueprint.containers.reduce((sum, { share }) => sum + share, 0)
  const memory = Math.floor(size.memoryMiB * part) * mebibyte
  return {
    NanoCpus: Math.round(size.cpu * part * 1e9),
    Memory: memory,
    // Memory and swap together: no swap.
    MemorySwap: memory,
    PidsLimit: Math.max(1, Math.floor(size.processes * part)),
  }
}

const environmentOf = (container: BlueprintContainer, launch: Launch, port: number): readonly string[] =>
  Object.entries({
    ...containerEnvironment(container, launch),
    HOST: '0.0.0.0',
    PORT: String(port),
    DATA_DIRECTORY: launch.blueprint.data.directory,
  }).map(([name, value]) => `${name}=${value}`)

/** An address without a name server (RFC 5737). An engine's resolver would otherwise ask those of the machine. */
const noResolver = ['192.0.2.1']

const isTraffic = ({ traffic }: Blueprint, { name }: BlueprintContainer): boolean => name === traffic.container

/** The part by which the traffic container is reached: on 127.0.0.1, or at an address of its own. */
const reachOptions = (reach: Reach, name: string, port: number) => {
  const published = `${port}/tcp`
  return reach === 'published'
    ? {
        ExposedPorts: { [published]: {} },
        HostConfig: { PortBindings: { [published]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
      }
    : { NetworkingConfig: { EndpointsConfig: { [name]: { IPAMConfig: { IPv4Address: siteAddress(port).host } } } } }
}

/**
 * The containers to create, the traffic container first. It owns the site's network and a port that is unique on this host; the
 * others join its network, so they start after it.
 */
export const planContainers = (
  launch: Launch,
  { homeId, user, userNamespace, reach, bindOptions }: ContainerSurroundings,
  site: { readonly port: number; readonly dataDirectory: string; readonly digest: string; readonly init: boolean },
): readonly ContainerPlan[] => {
  const { siteId, blueprint } = launch
  const plan = (container: BlueprintContainer): ContainerPlan => {
    const traffic = isTraffic(blueprint, container)
    const name = containerName(siteId, container.name, traffic)
    const { HostConfig: reached, ...reachable }: Docker.ContainerCreateOptions = traffic
      ? reachOptions(reach, name, site.port)
      : {}
    return {
      name,
      container,
      options: {
        name,
        Image: container.image,
        ...(container.command === undefined ? {} : { Cmd: [...container.command] }),
        User: `${user.uid}:${user.gid}`,
        Env: [...environmentOf(container, launch, site.port)],
        Labels: {
          [label.home]: homeId,
          [label.site]: siteId,
          [label.container]: container.name,
          [label.blueprint]: `${blueprint.name}@${blueprint.version}`,
          [label.digest]: site.digest,
          [label.port]: String(site.port),
        },
        ...reachable,
        HostConfig: {
          ...sizeOf(container, launch),
          ...reached,
          ...(traffic && blueprint.outbound === 'none' ? { Dns: noResolver } : {}),
          NetworkMode: traffic ? siteName(siteId) : `container:${siteName(siteId)}`,
          ...(userNamespace === undefined ? {} : { UsernsMode: userNamespace }),
          // `z` lets containers in where SELinux guards files, and means nothing elsewhere.
          Binds: [`${site.dataDirectory}:${blueprint.data.directory}:${['z', ...bindOptions].join(',')}`],
          ReadonlyRootfs: true,
          Tmpfs: { '/tmp': 'rw,nosuid,nodev,noexec,size=64m,mode=1777' },
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges'],
          // The kernel counts processes by user, and sites may share one; each site's own bound is PidsLimit.
          Ulimits: [limit('nofile', 8192), limit('nproc', 16_384)],
          Init: site.init,
          // This host restarts what ends, all containers of a site together and with a pause that grows.
          RestartPolicy: { Name: 'no' },
          LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
        },
      },
    }
  }
  const others = blueprint.containers.filter((container) => !isTraffic(blueprint, container))
  return [...blueprint.containers.filter((container) => isTraffic(blueprint, container)), ...others].map(plan)
}
