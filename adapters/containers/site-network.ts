import { randomInt } from 'node:crypto'
import type Docker from 'dockerode'
import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'
import type { Endpoint } from '../../core/site/site.ts'
import type { Engine } from './engine.ts'
import { engineUnavailable } from './engine-error.ts'

/**
 * How this host reaches a site, and sites do not reach each other. `published`: on 127.0.0.1, out of the site's own plain
 * network; Docker keeps those apart. `direct`: at the container's address, in a network without a way out, and so without the
 * internet: Podman's netavark (1.4 at least) drops the rule that keeps plain networks apart when one of them is removed.
 */
export type Reach = 'published' | 'direct'

export interface EngineTraits {
  readonly reach: Reach
  /** Podman in the name of an ordinary user maps that user onto itself only when told to. */
  readonly userNamespace?: string
  /** Mount options for sites' data. Docker refuses any; there, no program gains rights from a file or has a device. */
  readonly bindOptions: readonly string[]
}

/**
 * Asks the engine what it is. Rootless Podman has its networks where this host cannot go, so it publishes like Docker.
 * @throws {SitewrightError} `RuntimeUnavailable` where it does not answer.
 */
export const traitsOf = async ({ calls }: Engine): Promise<EngineTraits> => {
  try {
    const [{ SecurityOptions = [] }, { Components = [] }] = await Promise.all([calls.info(), calls.version()])
    const isPodman = Components.some(({ Name }) => Name.includes('Podman'))
    const isRootless = SecurityOptions.some((option: string) => option.includes('rootless'))
    if (!isPodman) return { reach: 'published', bindOptions: [] }
    const bindOptions = ['nosuid', 'nodev', 'noexec']
    return isRootless ? { reach: 'published', userNamespace: 'keep-id', bindOptions } : { reach: 'direct', bindOptions }
  } catch (error) {
    throw engineUnavailable(error, 'describe itself')
  }
}

/** `10.<from>.0.0` and up, at a distance of `offset` addresses. */
const address = (from: number, offset: number): string =>
  `10.${from + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`

/** A site's network and its address in it follow from its port, so that both survive a replacement of its containers. */
export const siteAddress = (port: number): { readonly subnet: string; readonly host: string } => ({
  subnet: `${address(208, port * 8)}/29`,
  host: address(208, port * 8 + 2),
})

/** For when an engine has used up the ranges it takes from by itself: Docker's hold about thirty networks. */
export const spareSubnet = (): string => `${address(192, randomInt(65_536) * 16)}/28`

/**
 * This host's own address in the network of a site at `host`; undefined where that is no {@link siteAddress}. Connections have
 * to start from it: after the last container its bridge disappears, and packets for the site would leave this machine with the
 * entitlement in them. No connection can start from an address that has disappeared as well.
 */
export const sourceAddressFor = (host: string): string | undefined => {
  const [, network, last] = /^(10\.(?:20[89]|21[0-5])\.\d{1,3})\.(\d{1,3})$/.exec(host) ?? []
  return network === undefined || Number(last) % 8 !== 2 ? undefined : `${network}.${Number(last) - 1}`
}

/** Labels that containers and networks carry: all that is known of them after a crash. */
export const label = {
  home: 'sitewright.home',
  site: 'sitewright.site',
  container: 'sitewright.container',
  blueprint: 'sitewright.blueprint',
  digest: 'sitewright.digest',
  port: 'sitewright.port',
} as const

/** The traffic container and the network are called by the site alone, so that they are found without its blueprint. */
export const siteName = (siteId: SiteId): string => `sitewright-${siteId}`

export const containerName = (siteId: SiteId, container: string, isTraffic: boolean): string =>
  isTraffic ? siteName(siteId) : `${siteName(siteId)}-${container}`

export const siteOf = (labels: Readonly<Record<string, string>> | null | undefined): SiteId | undefined => {
  const id = labels?.[label.site]
  return id !== undefined && isId('site', id) ? id : undefined
}

/** Where a traffic container listens: at its own address, unless it is published on 127.0.0.1. Undefined while it is down. */
export const endpointOf = ({ State, Config, NetworkSettings }: Docker.ContainerInspectInfo): Endpoint | undefined => {
  const port = Number(Config.Labels[label.port])
  if (!State.Running || !Number.isInteger(port)) return undefined
  const [published] = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? [])
  if (published !== undefined) return { host: '127.0.0.1', port: Number(published.HostPort) }
  const host = Object.values(NetworkSettings.Networks)[0]?.IPAddress
  return host ? { host, port } : undefined
}
