import type { SiteId } from '../core/ids.ts'
import type { SiteStore } from '../core/ports/stores.ts'

/**
 * Says of every change of a site, once it is written, that there was one: whoever in this process remembers sites need not wait until that
 * has aged. A change whose outcome nobody knows counts.
 */
export const tellOfChanges =
  (commit: SiteStore['commit'], changed: (siteId: SiteId) => void): SiteStore['commit'] =>
  async (change) => {
    try {
      return await commit(change)
    } finally {
      changed(change.after.id)
    }
  }
