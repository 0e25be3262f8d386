import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'

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
