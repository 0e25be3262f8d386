import type { SiteId } from '../../core/ids.ts'
import { type ArchiveStore, archivePrefix } from '../../core/ports/archives.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Site } from '../../core/site/site.ts'
import type { ConfigurationStore } from '../configuration/configuration.ts'

export interface RemoveBundledPorts {
  readonly sites: Pick<SiteStore, 'get' | 'listByStatus'>
  readonly archives: Pick<ArchiveStore, 'list' | 'remove'>
  readonly configurations: Pick<ConfigurationStore, 'erase'>
}

/** The id under which an import stored what it brought for a site; that of a rehearsal has it under the id of the original. */
const bundledUnder = (site: Site): SiteId | undefined =>
  site.rehearsalOf?.siteId ?? (site.status === 'failed' && site.imported !== undefined ? site.id : undefined)

/**
 * Removes the archives and secrets that an import stored for a rehearsal that has ended, or for a site that could not be built: nobody else would.
 * They stay while the site itself is here, or another rehearsal of it. Another import stores them again.
 */
export const removeBundled = async (ports: RemoveBundledPorts, ended: Site): Promise<void> => {
  const siteId = bundledUnder(ended)
  if (siteId === undefined) return
  const isHere = async (): Promise<boolean> => {
    const original = await ports.sites.get(siteId)
    return original !== undefined && original.status !== 'failed'
  }
  if (await isHere()) return
  for (const status of ['building', 'active', 'asleep'] as const) {
    for await (const site of ports.sites.listByStatus(status)) {
      if (site.rehearsalOf?.siteId === siteId && site.id !== ended.id) return
    }
  }
  // It may have been imported while the sites were listed.
  if (await isHere()) return
  await ports.configurations.erase(siteId)
  for await (const { key } of ports.archives.list(archivePrefix(siteId))) await ports.archives.remove(key)
}
