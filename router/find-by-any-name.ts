import { originalHostname } from '../core/hostname/derived-name.ts'
import type { Site } from '../core/site/site.ts'
import { ownershipOf } from '../core/site/site.ts'

type Lookup = (hostname: string) => Promise<Site | undefined>

/**
 * Also finds sites by the names derived from their platform hostname. A stored hostname goes first: older slugs may contain
 * `--`. Custom domains have no derived names.
 */
export const findByAnyName =
  (lookup: Lookup): Lookup =>
  async (hostname) => {
    const original = originalHostname(hostname)
    const stored = await lookup(hostname)
    if (stored !== undefined || original === undefined) return stored
    const site = await lookup(original)
    return site !== undefined && ownershipOf(site)?.hostname === original ? site : undefined
  }
