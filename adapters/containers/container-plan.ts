import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import type Docker from 'dockerode'
import { type Blueprint, type BlueprintContainer, stopSecondsOf } from '../../core/blueprint/blueprint.ts'
import { filesDirectory } from '../../core/blueprint/interpolate.ts'
import { isAwaited, startOrder } from '../../core/blueprint/start-order.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { mountedDirectories } from '../files/site-storage.ts'
import { containerCommand, containerEnvironment, containerPlace } from '../site-runtime/container-texts.ts'
import { containerName, type EngineTraits, isHidden, label, type Reach, siteAddress, siteName } from './site-network.ts'

/** How the engine and this host run the containers of a site. */
export interface ContainerSurroundings
  extends Pick<EngineTraits, 'isPodman' | 'userNamespace' | 'bindOptions' | 'ownScratch'> {
  readonly reach: Reach
  readonly homeId: string
  readonly user: { readonly uid: number; readonly gid: number }
}

export interface ContainerPlan {
  readonly name: string
  readonly container: BlueprintContainer
  /** The command to succeed before others start; absent if none waits for it. */
  readonly health?: readonly string[]
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

/** As whom it runs, and what it may do. */
const rightsOf = ({ capabilities }: BlueprintContainer, { uid, gid }: ContainerSurroundings['user']) =>
  capabilities === undefined ? { User: `${uid}:${gid}`, CapAdd: [] } : { User: '0:0', CapAdd: [...capabilities] }

/** A small directory in memory. */
const scratch = 'rw,nosuid,nodev,noexec,size=64m,mode=1777'

/** An empty directory that stays empty, where an engine would make one without a bound. */
const closed = 'ro,nosuid,nodev,noexec,size=64k'

/** An address without a name server (RFC 5737). An engine's resolver would otherwise ask those of the machine. */
const noResolver = ['192.0.2.1']

/** Stays the same for a site, like its host name: products identify their installation, or its licence, by both. */
const macAddressOf = (siteId: SiteId): string => {
  const bytes = createHash('sha256').update(siteId).digest().subarray(0, 5)
  // The second bit marks it as locally administered: IEEE 802.
  return [2, ...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** How the site is named and reached: on 127.0.0.1, or at an address of its own. */
const reachOptions = (siteId: SiteId, reach: Reach, name: string, port: number, listens: number) => {
  const published = `${listens}/tcp`
  const MacAddress = macAddressOf(siteId)
  const endpoint =
    reach === 'direct' ? { MacAddress, IPAMConfig: { IPv4Address: siteAddress(port).host } } : { MacAddress }
  return {
    Hostname: siteId.replace('_', '-'),
    NetworkingConfig: { EndpointsConfig: { [name]: endpoint } },
    ...(reach === 'published' && {
      ExposedPorts: { [published]: {} },
      HostConfig: { PortBindings: { [published]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
    }),
  }
}

/** Where a site is on this machine, and what its containers are labelled with. */
interface SitePlace {
  readonly port: number
  readonly dataDirectory: string
  readonly filesDirectoryOf: (container: string) => string
  /** The directories that each image declares by `VOLUME`. */
  readonly volumes: ReadonlyMap<string, readonly string[]>
  readonly digest: string
  readonly init: boolean
}

/** A directory of this machine, the path where a container sees it, and options. */
type Bind = readonly [directory: string, path: string, options: string]

const bindsOf = (
  { name, files, mounts = [] }: BlueprintContainer,
  blueprint: Blueprint,
  { dataDirectory, filesDirectoryOf }: SitePlace,
  bindOptions: readonly string[],
): readonly Bind[] => {
  // `z` lets containers in where SELinux guards files, and means nothing elsewhere.
  const options = ['z', ...bindOptions].join(',')
  const { directory: target } = blueprint.data
  const bind = (subdirectory: string, path: string): Bind => [join(dataDirectory, subdirectory), path, options]
  return [
    bind('', target),
    // A mount point cannot be renamed, so no container can replace it by a link before another one mounts it.
    ...mountedDirectories(blueprint).map((directory) => bind(directory, `${target}/${directory}`)),
    ...mounts.map(({ path, directory }) => bind(directory, path)),
    ...(files === undefined ? [] : [[filesDirectoryOf(name), filesDirectory, `ro,${options}`] as const]),
  ]
}

/**
 * The directories in memory. Some stand where the engine would make a disk without a bound: for each `VOLUME` of the image at which nothing else
 * is mounted.
 */
const memoryOf = (
  { image, writable = [] }: BlueprintContainer,
  { volumes }: SitePlace,
  binds: readonly Bind[],
  { isPodman, ownScratch }: ContainerSurroundings,
): Pick<Docker.HostConfig, 'Mounts' | 'Tmpfs'> => {
  const bound = new Set(binds.map(([, path]) => posix.resolve(path)))
  const open = ['/tmp', ...writable].map((path) => posix.resolve(path))
  const isOpen = (path: string): boolean => open.some((one) => `${path}/`.startsWith(`${one}/`))
  const declared = (volumes.get(image) ?? []).map((path) => posix.resolve('/', path))
  const paths = [...new Set([...open, ...declared.filter((path) => !bound.has(path))])]
  if (isPodman) {
    // It would fill them with what the image has there, and fail where that is more than fits.
    const kindOf = (path: string): string => (isOpen(path) ? scratch : `${closed},notmpcopyup`)
    return {
      Tmpfs: Object.fromEntries([
        ...ownScratch.map((path) => [path, closed]),
        ...paths.map((path) => [path, kindOf(path)]),
      ]),
    }
  }
  // At the paths of `Tmpfs`, Docker would still make volumes and copy the image's files into them. These are nosuid, nodev and noexec.
  const TmpfsOptions = { SizeBytes: 64 * mebibyte, Mode: 0o1777 }
  return {
    Mounts: paths.map((Target) => ({ Type: 'tmpfs', Source: '', Target, ReadOnly: !isOpen(Target), TmpfsOptions })),
  }
}

/**
 * The containers to create in their start order. The first one owns the site's network and a port that is unique on this host; the
 * others join its network.
 */
export const planContainers = (
  launch: Launch,
  around: ContainerSurroundings,
  site: SitePlace,
): readonly ContainerPlan[] => {
  const { homeId, user, userNamespace, reach, bindOptions } = around
  const { siteId, blueprint } = launch
  const place = containerPlace(blueprint, site.port)
  const LogConfig = isHidden(site.digest)
    ? { Type: 'none', Config: {} }
    : { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } }
  const plan = (container: BlueprintContainer, index: number): ContainerPlan => {
    const isOwner = index === 0
    const { User, CapAdd } = rightsOf(container, user)
    const name = containerName(siteId, container.name, isOwner)
    const binds = bindsOf(container, blueprint, site, bindOptions)
    const { HostConfig: reached, ...reachable }: Docker.ContainerCreateOptions = isOwner
      ? reachOptions(siteId, reach, name, site.port, place.port)
      : {}
    return {
      name,
      container,
      ...(isAwaited(blueprint, container) && container.health !== undefined
        ? { health: containerCommand(container.health.command, container, launch, place) }
        : {}),
      options: {
        name,
        Image: container.image,
        ...(container.command === undefined
          ? {}
          : { Cmd: [...containerCommand(container.command, container, launch, place)] }),
        User,
        Env: Object.entries(containerEnvironment(container, launch, place)).map(([key, value]) => `${key}=${value}`),
        Labels: {
          [label.home]: homeId,
          [label.site]: siteId,
          [label.cell]: launch.cell,
          [label.container]: container.name,
          [label.blueprint]: `${blueprint.name}@${blueprint.version}`,
          [label.digest]: site.digest,
          [label.port]: String(place.port),
          [label.stopSeconds]: String(stopSecondsOf(blueprint)),
        },
        ...reachable,
        HostConfig: {
          ...sizeOf(container, launch),
          ...reached,
          ...(isOwner && blueprint.outbound === 'none' ? { Dns: noResolver } : {}),
          NetworkMode: isOwner ? siteName(siteId) : `container:${siteName(siteId)}`,
          ...(userNamespace === undefined ? {} : { UsernsMode: userNamespace }),
          Binds: binds.map((bind) => bind.join(':')),
          ReadonlyRootfs: true,
          ...memoryOf(container, site, binds, around),
          CapDrop: ['ALL'],
          CapAdd,
          SecurityOpt: ['no-new-privileges'],
          // The kernel counts processes by user, and sites may share one; each site's own bound is PidsLimit.
          Ulimits: [limit('nofile', 8192), limit('nproc', 16_384)],
          Init: site.init,
          // This host restarts what ends, all containers of a site together and with a pause that grows.
          RestartPolicy: { Name: 'no' },
          LogConfig,
        },
      },
    }
  }
  return startOrder(blueprint).map(plan)
}
