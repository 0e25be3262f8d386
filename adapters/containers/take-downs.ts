import { eachAtOnce } from '../../core/each-at-once.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { RunningSite } from '../../core/ports/runtime.ts'
import { refusalOf } from './engine-error.ts'

/** How many sites are removed at once: an engine works through more no faster. */
const removedAtOnce = 8

/** How often a host that stops tries to remove its sites; what is left then is removed by the next one. */
const closingRounds = 4

/** Takes down many sites of a home. One that cannot be removed keeps none of the others. */
export const createTakeDowns = (options: {
  readonly list: () => Promise<readonly RunningSite[]>
  readonly takeDown: (siteId: SiteId) => Promise<void>
  readonly log: Pick<Log, 'warn'>
}) => {
  const { list, takeDown, log } = options
  const takeDownAllBut = async (keep: ReadonlySet<SiteId>): Promise<readonly SiteId[]> => {
    const sites = (await list()).map(({ siteId }) => siteId).filter((siteId) => !keep.has(siteId))
    const failures: unknown[] = []
    await eachAtOnce(sites, removedAtOnce, async (siteId) => {
      await takeDown(siteId).catch((error: unknown) => failures.push(error))
    })
    if (failures.length > 0) throw failures[0]
    return sites
  }

  /** An engine with a hundred containers on a busy machine may be silent for longer than a call waits. */
  const takeDownAll = async (): Promise<void> => {
    for (let round = 1; ; round += 1) {
      try {
        await takeDownAllBut(new Set())
        return
      } catch (error) {
        if (round === closingRounds) throw error
        log.warn({ reason: refusalOf(error).reason }, 'not all sites could be ended; trying once more')
      }
    }
  }

  return { takeDownAllBut, takeDownAll }
}
