import type { SiteId } from '../../core/ids.ts'
import { besideOf, type PortHolder } from '../site-runtime/loopback-ports.ts'
import type { SupervisedSite } from './supervised-site.ts'

/** One launch of a site that runs, and whose port it has. */
interface Slot {
  readonly digest: string
  readonly holder: PortHolder
  readonly supervised: SupervisedSite
}

interface Slots {
  readonly present: Slot
  readonly beside?: Slot
}

/** Starts processes on the port of the holder. */
export type Supervise = (holder: PortHolder) => Promise<SupervisedSite>

/**
 * The running launches of each site: one, and for a while another beside it. The caller prevents two calls at once for one
 * site.
 */
export const createSiteSlots = () => {
  const sites = new Map<SiteId, Slots>()

  const end = async (siteId: SiteId): Promise<void> => {
    const { present, beside } = sites.get(siteId) ?? {}
    await Promise.all([present?.supervised.stop(), beside?.supervised.stop()])
    sites.delete(siteId)
  }

  const endBeside = async (siteId: SiteId, { present, beside }: Slots): Promise<void> => {
    await beside?.supervised.stop()
    sites.set(siteId, { present })
  }

  const alone = async (siteId: SiteId, digest: string, supervise: Supervise): Promise<void> => {
    const running = sites.get(siteId)
    if (running?.present.digest === digest) return endBeside(siteId, running)
    if (running?.beside?.digest === digest) {
      await running.present.supervised.stop()
      sites.set(siteId, { present: running.beside })
      return
    }
    await end(siteId)
    sites.set(siteId, { present: { digest, holder: siteId, supervised: await supervise(siteId) } })
  }

  return {
    /** Brings it about that this launch runs alone: ends the others, and starts it where it does not run. */
    alone,
    /** Starts a launch beside the one that runs, or finds it started. */
    beside: async (siteId: SiteId, digest: string, supervise: Supervise): Promise<void> => {
      const running = sites.get(siteId)
      if (running === undefined) return alone(siteId, digest, supervise)
      const { present, beside } = running
      if (present.digest === digest || beside?.digest === digest) return
      await endBeside(siteId, running)
      // Two beside each other take turns with the site's two ports.
      const holder = present.holder === siteId ? besideOf(siteId) : siteId
      sites.set(siteId, { present, beside: { digest, holder, supervised: await supervise(holder) } })
    },
    end,
    /** @param digest of the launch that is meant; the one that was there first unless told. */
    portOf: (siteId: SiteId, digest?: string): number | undefined => {
      const { present, beside } = sites.get(siteId) ?? {}
      return [present, beside].find((slot) => slot?.digest === (digest ?? present?.digest))?.supervised.port()
    },
    /** @param digest of the launch that is meant; the one that started last unless told. */
    supervisedOf: (siteId: SiteId, digest?: string): SupervisedSite | undefined => {
      const { present, beside } = sites.get(siteId) ?? {}
      return [beside, present].find((slot) => slot && slot.digest === (digest ?? slot.digest))?.supervised
    },
    all: (): readonly SiteId[] => [...sites.keys()],
  }
}
