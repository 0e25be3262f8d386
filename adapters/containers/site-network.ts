import { randomInt } from 'node:crypto'
import { hostname } from 'node:os'
import type Docker from 'dockerode'
import type { Blueprint, DataOwner } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { guardBridges } from './bridge-guard.ts'
import type { Engine } from './engine.ts'
import { engineUnavailable } from './engine-error.ts'

/**
 * How this host reaches a site: `published` on 127.0.0.1, out of a network with a way out, or `direct` at the container's
 * address. An internal network publishes nothing, so a site without outbound is reached directly.
 */
export type Reach = 'published' | 'direct'

type Outbound = Blueprint['outbound']

export interface EngineTraits {
  readonly isPodman: boolean
  /** Whether its containers are processes of this machine. */
  readonly isHere: boolean
  /** For each `outbound` of a blueprint; otherwise a sentence that says why the engine cannot hold it. */
  readonly reach: Readonly<Record<Outbound, Reach | { readonly refused: string }>>
  /** Why sites can connect to services of this machine; absent where they cannot. */
  readonly exposed?: string
  /** Podman in the name of an ordinary user maps that user onto itself only when told to. */
  readonly userNamespace?: string
  /** As whom all containers run, whomever their data belongs to. Docker in the name of an ordinary user maps only root onto that user. */
  readonly runsAs?: DataOwner
  /** Mount options for sites' data. Docker refuses any; there, no program gains rights from a file or has a device. */
  readonly bindOptions: readonly string[]
  /** Directories that the engine makes writable by itself in a container whose root is read-only, unless something is mounted there. */
  readonly ownScratch: readonly string[]
}

interface TraitsOptions {
  /** Guards the bridges of sites. @returns why it cannot. */
  readonly guard?: () => Promise<string | undefined>
}

const outOfReach = {
  refused:
    "this engine's networks are out of this host's reach, and it publishes ports only from networks with a way out; use Docker or " +
    'Podman as root on this machine, or set `outbound: internet` in a new version of the blueprint',
}

/** A container could leave the mapping, but then it would be without its protection. */
const remapped = {
  refused:
    'Docker maps users here (`userns-remap`), so that no site could read its data; use Podman, or Docker without it',
}

const ofPodman = { isPodman: true, bindOptions: ['nosuid', 'nodev', 'noexec'], ownScratch: ['/run', '/var/tmp'] }

/**
 * Asks the engine what it is, and guards the bridges of sites where it makes them on this machine.
 * @throws {SitewrightError} `RuntimeUnavailable` where it does not answer.
 */
export const traitsOf = async (
  { calls, address }: Engine,
  { guard = guardBridges }: TraitsOptions = {},
): Promise<EngineTraits> => {
  const describe = async () => {
    try {
      return await Promise.all([calls.info(), calls.version()])
    } catch (error) {
      throw engineUnavailable(error, 'describe itself')
    }
  }
  const [{ Name: machine, SecurityOptions = [] }, { Components = [] }] = await describe()
  const isPodman = Components.some(({ Name }) => Name.includes('Podman'))
  const isRootless = SecurityOptions.some((option: string) => option.includes('rootless'))
  // A socket may belong to an engine in a virtual machine, such as Docker Desktop's or Podman's, which has a name of its own.
  const isHere = address.startsWith('unix://') && !isRootless && machine === hostname()
  const isRemapped = !isPodman && SecurityOptions.some((option: string) => /^name=userns\b/.test(option))
  const engine = { isHere, ...(isPodman ? ofPodman : { isPodman, bindOptions: [], ownScratch: [] }) }
  if (isRemapped) return { ...engine, reach: { none: remapped, internet: remapped } }
  if (!isHere) {
    return {
      ...engine,
      reach: { none: outOfReach, internet: 'published' },
      exposed: 'the bridges of this engine are out of reach',
      ...(isPodman && isRootless ? { userNamespace: 'keep-id' } : {}),
      ...(!isPodman && isRootless ? { runsAs: { uid: 0, gid: 0 } } : {}),
    }
  }
  const exposed = await guard()
  const open = isPodman ? 'direct' : 'published'
  if (exposed === undefined) return { ...engine, reach: { none: 'direct', internet: open } }
  // Docker keeps networks with a way out apart, which Podman does only behind the guard.
  const apart = {
    refused: `Podman keeps sites with a way out apart only by firewall rules of this host, and ${exposed}`,
  }
  return { ...engine, reach: { none: 'direct', internet: isPodman ? apart : open }, exposed }
}

const requireUsers = ({ isHere }: Pick<EngineTraits, 'isHere'>, { name, data, containers }: Blueprint): void => {
  const hasCapabilities = containers.some(({ capabilities }) => capabilities !== undefined)
  const isRoot = isHere && process.getuid?.() === 0
  if (isRoot || (!hasCapabilities && data.owner === undefined)) return
  throw new SitewrightError(
    'LaunchFailed',
    `The blueprint '${name}' has \`${hasCapabilities ? 'capabilities' : 'data.owner'}\`: that needs a host that runs as root, and Docker or Podman as root on this machine.`,
  )
}

/** @throws {SitewrightError} `LaunchFailed` where the engine cannot hold what the blueprint says about outbound traffic or users. */
export const requireReach = (traits: Pick<EngineTraits, 'isHere' | 'reach'>, blueprint: Blueprint): Reach => {
  requireUsers(traits, blueprint)
  const { name, outbound } = blueprint
  const found = traits.reach[outbound]
  if (typeof found === 'string') return found
  throw new SitewrightError('LaunchFailed', `The blueprint '${name}' has \`outbound: ${outbound}\`: ${found.refused}.`)
}

/** `10.<from>.0.0` and up, at a distance of `offset` addresses. */
const address = (from: number, offset: number): string =>
  `10.${from + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`

/** A site's network and its address in it follow from its port, so that both survive a replacement of its containers. */
export const siteAddress = (
  port: number,
): { readonly subnet: string; readonly gateway: string; readonly host: string } => ({
  subnet: `${address(208, port * 8)}/29`,
  gateway: address(208, port * 8 + 1),
  host: address(208, port * 8 + 2),
})

/** For when an engine has used up the ranges it takes from by itself: Docker's hold about thirty networks. */
export const spareSubnet = (): string => `${address(192, randomInt(65_536) * 16)}/28`

/**
 * This host's own address in the network of a site at `host`; undefined where that is no {@link siteAddress}. Connections have
 * to start from it: after the last container its bridge disappears, and packets for the site would leave this machine with the
 * entitlement in them. No connection can start from an address that has disappeared as well. Undefined on AWS: `core/config/stage.ts`
 * refuses cells in 10.208.0.0/13.
 */
export const sourceAddressFor = (host: string): string | undefined => {
  const [, network, last] = /^(10\.(?:20[89]|21[0-5])\.\d{1,3})\.(\d{1,3})$/.exec(host) ?? []
  return network === undefined || Number(last) % 8 !== 2 ? undefined : `${network}.${Number(last) - 1}`
}

/** Labels that containers and networks carry: all that is known of them after a crash. */
export const label = {
  home: 'sitewright.home',
  site: 'sitewright.site',
  cell: 'sitewright.cell',
  container: 'sitewright.container',
  blueprint: 'sitewright.blueprint',
  digest: 'sitewright.digest',
  /** Where the traffic container listens. */
  port: 'sitewright.port',
  stopSeconds: 'sitewright.stop-seconds',
} as const

const onceMark = 'once-'

const hiddenMark = `${onceMark}hidden-`

/** The digest of a command's containers, which are no running site. @param isHidden whether nobody may read their output. */
export const onceDigest = (digest: string, isHidden = false): string => `${isHidden ? hiddenMark : onceMark}${digest}`

/** Whether the containers of this digest have no output for anybody to read. */
export const isHidden = (digest: string | undefined): boolean => digest?.startsWith(hiddenMark) ?? false

const isOnce = (digest: string | undefined): boolean => digest?.startsWith(onceMark) ?? false

/** The first container and the network are called by the site alone, so that they are found without its blueprint. */
export const siteName = (siteId: SiteId): string => `sitewright-${siteId}`

export const containerName = (siteId: SiteId, container: string, isFirst: boolean): string =>
  isFirst ? siteName(siteId) : `${siteName(siteId)}-${container}`

export const siteOf = (labels: Readonly<Record<string, string>> | null | undefined): SiteId | undefined => {
  const id = labels?.[label.site]
  return id !== undefined && isId('site', id) ? id : undefined
}

/** Whether a container has not ended. One that is paused, which Podman does not call running, continues soon. */
export const isRunningState = (state: string): boolean => state === 'running' || state === 'paused'

/** Where a site listens, by its first container: at its own address, unless it is published on 127.0.0.1. Undefined while it is down. */
export const endpointOf = ({ State, Config, NetworkSettings }: Docker.ContainerInspectInfo): Endpoint | undefined => {
  const port = Number(Config.Labels[label.port])
  if (!isRunningState(State.Status) || !Number.isInteger(port) || isOnce(Config.Labels[label.digest])) return undefined
  const [published] = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? [])
  if (published !== undefined) return { host: '127.0.0.1', port: Number(published.HostPort) }
  const host = Object.values(NetworkSettings.Networks)[0]?.IPAddress
  return host ? { host, port } : undefined
}
