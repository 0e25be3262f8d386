import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { SiteRuntime, StorageMeter } from '../../../core/ports/runtime.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { changeSite, type ReclaimPorts, startOperationSoon } from '../../../core/site/change-site.ts'
import { homeOf } from '../../../core/site/location.ts'
import { suspendSite } from '../../endings/end-site.ts'

export interface GrowthPorts extends ReclaimPorts {
  readonly meter: StorageMeter
  readonly runtime: Pick<SiteRuntime, 'remove'>
  readonly workflows: Workflows
}

export interface GrowingSites {
  /** Measures all active sites, for the next {@link pauseFastest} to compare with. */
  readonly measure: () => Promise<void>
  /** Pauses the site that has grown most since the last measurement. @returns it; undefined if none grew. */
  readonly pauseFastest: () => Promise<SiteId | undefined>
}

/** What a site may grow by between two measurements without being paused. */
const usualBytes = 1_048_576

/** Undefined for a site that cannot be measured. */
type Sizes = ReadonlyMap<SiteId, number | undefined>

/**
 * A site that can no longer be measured may hide its growth, so it ranks first. The size of a site that was not measured before
 * is not its growth: it may have been paused or restored.
 */
const growthOf = (siteId: SiteId, bytes: number | undefined, before: Sizes): number => {
  const earlier = before.get(siteId)
  if (bytes === undefined) return earlier === undefined ? usualBytes : Number.POSITIVE_INFINITY
  return earlier === undefined ? Math.min(bytes, usualBytes) : bytes - earlier
}

/**
 * Finds the sites of a cell that fill its disk and pauses them: they are suspended until their owner or an operator resumes them. Neither
 * the brake nor the rate limit of endings applies, because a full disk would stop every site.
 */
export const createGrowingSites = (ports: GrowthPorts, cell: string): GrowingSites => {
  const { sites, meter, runtime, randomness, log } = ports
  let before: Promise<Sizes> | undefined

  const measureAll = async (): Promise<Sizes> => {
    const sizes = new Map<SiteId, number | undefined>()
    for await (const site of sites.listByStatus('active')) {
      if (site.cell !== cell) continue
      try {
        sizes.set(site.id, (await meter.measure(homeOf(site))) ?? 0)
      } catch (error) {
        log.warn({ siteId: site.id, err: error }, 'the storage of a site could not be measured')
        sizes.set(site.id, undefined)
      }
    }
    return sizes
  }

  const pause = async (siteId: SiteId): Promise<void> => {
    // It stops before the record says so: the store may need the space that it would take.
    await runtime.remove({ siteId, cell }).catch((error: unknown) => {
      log.warn({ siteId, err: error }, 'a fast-growing site could not be stopped at once')
    })
    const context = { actor: system, causationId: randomness.id('evt'), ...ports }
    const suspended = await changeSite(sites, siteId, (site) =>
      site?.status === 'active' ? suspendSite(site, { because: 'storage-full' }, context) : undefined,
    )
    if (suspended?.status === 'suspended') await startOperationSoon(ports, suspended)
  }

  return {
    measure: async () => {
      before = measureAll()
      await before
    },
    pauseFastest: async () => {
      const earlier = await before?.catch(() => undefined)
      before = measureAll()
      const now = await before
      if (earlier === undefined) return undefined
      const grown = [...now]
        .map(([siteId, bytes]) => ({ siteId, growth: growthOf(siteId, bytes, earlier) }))
        .toSorted((one, other) => other.growth - one.growth)
      const [fastest] = grown
      if (fastest === undefined || fastest.growth < usualBytes) return undefined
      await pause(fastest.siteId)
      log.error({ event: 'growing-site-paused', ...fastest }, 'a site filled the disk of this host and is paused')
      return fastest.siteId
    },
  }
}
